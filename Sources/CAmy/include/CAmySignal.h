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

/// pthread_sigmask(3): blocks them in this thread, and in all that it starts from now on.
void amy_signals_block(uint64_t signals);
/// Whether all of them are blocked in this thread.
bool amy_signals_are_blocked(uint64_t signals);

/// A descriptor that is readable while one of them, which are blocked in every thread, has come; or the negated errno.
int amy_signals_open(uint64_t signals);
/// Takes one that has come: its number, or -EAGAIN.
int amy_signals_next(int descriptor);

/// A descriptor that is readable once a child has ended, or the negated errno: ESRCH or ECHILD for what is no child, or was
/// waited for already.
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
