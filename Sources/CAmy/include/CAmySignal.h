// Signals and child processes as descriptors: signalfd(2) and pidfd_open(2); where there is a kqueue(2), one of its own, which
// another one watches.

#ifndef CAMY_SIGNAL_H
#define CAMY_SIGNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// As constants that Swift imports with their type.
static const int amy_signal_hang_up = SIGHUP;
static const int amy_signal_interrupt = SIGINT;
static const int amy_signal_quit = SIGQUIT;
static const int amy_signal_terminate = SIGTERM;
static const int amy_signal_user1 = SIGUSR1;
static const int amy_signal_user2 = SIGUSR2;
static const int amy_signal_child = SIGCHLD;
static const int amy_signal_window_change = SIGWINCH;

// Sets of signals: bit n - 1 is signal n.

/// Those that a source can take: not SIGKILL and SIGSTOP, which nothing blocks, nor those that the C library keeps for itself.
uint64_t amy_signals_possible(void);

/// pthread_sigmask(3): blocks them in this thread, and in all that it starts from now on.
void amy_signals_block(uint64_t signals);
/// The opposite. Returns those of them that were blocked.
uint64_t amy_signals_unblock(uint64_t signals);
/// Whether all of them are blocked in this thread.
bool amy_signals_are_blocked(uint64_t signals);

/// Passes signals from one owner to another, where 0 is nobody, and returns those that the first one had: the others stay as
/// they are. The detector is this process's own: no child has an owner of its parent's.
uint64_t amy_signals_pass(uintptr_t detector, uint64_t signals, uint64_t from, uint64_t to);

/// Installs a handler for those of them that still have the system's, but for those that faults raise: sigaction(2). Where a
/// thread does not block them, it keeps for their owner what is delivered there; for want of an owner it does to the process
/// what the system would have done.
void amy_signals_catch(uint64_t signals);

/// A descriptor that is readable while one of them has come to the process and is blocked, or on kqueue has come at all; or the
/// negated errno.
int amy_signals_open(uint64_t signals);
/// Takes one that has come: its number, or -EAGAIN.
int amy_signals_next(int descriptor);

/// A descriptor that is written to for each that was caught, to be watched by edge: never 0 to 2. 0 where `amy_signals_open`
/// tells of those as well; or the negated errno.
int amy_signals_open_caught(uintptr_t detector);
/// Takes one of them that was caught: its number, or -EAGAIN.
int amy_signals_next_caught(uintptr_t detector, uint64_t signals);

/// A descriptor that is readable once a child has ended, or the negated errno: ESRCH or ECHILD for what is no child, or was
/// waited for already; EINVAL for what is no number of a process.
int amy_child_open(pid_t child);

struct amy_child_status {
  /// 0 while it runs, 1 if it ended by itself, 2 if a signal ended it; or the negated errno.
  int how;
  /// The exit code, or the signal.
  int number;
};

/// waitid(2) with WNOWAIT: whoever waits for the child still can.
struct amy_child_status amy_child_status(pid_t child);

#endif
