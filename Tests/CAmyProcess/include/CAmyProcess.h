// Queries about the own process and its children.

#ifndef CAMY_PROCESS_H
#define CAMY_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/// The limit of descriptors; UINT64_MAX for none.
struct amy_descriptor_limit {
  uint64_t soft, hard;
};

/// getrlimit(2), RLIMIT_NOFILE.
struct amy_descriptor_limit amy_descriptor_limit(void);

/// The number of open descriptors below 4096.
int amy_open_descriptors(void);

/// Sends a signal to the process, not to a thread: kill(2).
void amy_signal_process(int signal);
/// Takes a blocked signal as often as it is pending: sigwait(3).
void amy_signal_forget(int signal);

/// Starts a child that ends at once with status 0 or 1, or, for any other status, after a minute; it blocks no signal:
/// posix_spawn(3). Returns its number, or the negated errno.
int amy_child_start(int status);
/// kill(2), with SIGKILL.
void amy_child_kill(int child);
/// Waits for a child's end, and leaves it to be reaped: waitid(2).
void amy_child_wait(int child);
/// Waits for a child's end, and reaps it: waitpid(2).
void amy_child_reap(int child);

#endif
