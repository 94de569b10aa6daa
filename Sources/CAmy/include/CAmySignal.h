// Signals and child processes as descriptors: signalfd(2) and pidfd_open(2); with kqueue(2), a kqueue for each, which another
// watches.

#ifndef CAMY_SIGNAL_H
#define CAMY_SIGNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// Swift imports these with their type.
static const int amy_signal_hang_up = SIGHUP;
static const int amy_signal_interrupt = SIGINT;
static const int amy_signal_quit = SIGQUIT;
static const int amy_signal_terminate = SIGTERM;
static const int amy_signal_user1 = SIGUSR1;
static const int amy_signal_user2 = SIGUSR2;
static const int amy_signal_child = SIGCHLD;
static const int amy_signal_window_change = SIGWINCH;

// Sets of signals: bit n - 1 is signal n.

/// All except SIGKILL and SIGSTOP, which cannot be blocked, and those that the C library keeps for itself.
uint64_t amy_signals_possible(void);

/// pthread_sigmask(3): blocks signals in this thread, and in all that it starts from now on.
void amy_signals_block(uint64_t signals);
/// pthread_sigmask(3). Returns the signals that were blocked.
uint64_t amy_signals_unblock(uint64_t signals);
bool amy_signals_are_blocked(uint64_t signals);

/// Passes signals from one owner to another, where 0 is none. Returns those that the first owner had; the others stay as they
/// are. The detector is this process's own: no child has its parent's owners.
uint64_t amy_signals_pass(uintptr_t detector, uint64_t signals, uint64_t from, uint64_t to);

/// Installs a handler for signals that still have the system's, except those that faults raise: sigaction(2). It keeps a signal
/// that a thread does not block for its owner; without one, it does what the system would have done.
void amy_signals_catch(uint64_t signals);

/// A descriptor that is readable while one of the signals has come to the process and is blocked, or on kqueue has come at all;
/// or the negated errno.
int amy_signals_open(uint64_t signals);
/// Takes one signal that has arrived: its number, or -EAGAIN.
int amy_signals_next(int descriptor);

/// A descriptor that is written to for each caught signal, to be watched by edge: never 0 to 2. 0 where `amy_signals_open`
/// reports caught signals as well; or the negated errno.
int amy_signals_open_caught(uintptr_t detector);
/// Takes one caught signal: its number, or -EAGAIN.
int amy_signals_next_caught(uintptr_t detector, uint64_t signals);

/// A descriptor that is readable once a child has ended, or the negated errno: ESRCH or ECHILD for a process that is no child,
/// or was waited for; EINVAL for a number that no process can have.
int amy_child_open(pid_t child);

struct amy_child_status {
  /// 0 while it runs, 1 if it ended by itself, 2 if by a signal; or the negated errno.
  int how;
  /// An exit code, or a signal.
  int number;
};

/// waitid(2) with WNOWAIT: the child can still be waited for.
struct amy_child_status amy_child_status(pid_t child);

#endif
