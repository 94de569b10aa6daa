// What tests need of C: fork(2), which Swift does not offer, and looking at the process's own descriptors.

#ifndef CAMY_TEST_SUPPORT_H
#define CAMY_TEST_SUPPORT_H

#include <stdbool.h>

/// Runs a function in a forked child, and returns what it returned (0 to 99), or 100 and more when it did not return within
/// half a minute, or could not be started.
int amy_test_in_child(int (*body)(void *), void *context);

/// Like it, but by clone(2) without a handler of pthread_atfork(3) being called.
int amy_test_in_cloned_child(int (*body)(void *), void *context);

/// Whether a descriptor is closed on exec: 1, 0, or -1 when it is not open.
int amy_test_closes_on_exec(int descriptor);

/// Sends a byte of TCP's urgent data. Returns 0, or -1.
int amy_test_send_urgent(int descriptor);

/// Installs a handler for a signal that only counts, and lets system calls be interrupted; and unblocks it in this thread.
void amy_test_handle(int signal);

/// How often such handlers were called.
int amy_test_handled(void);

/// Makes closing send a reset.
int amy_test_reset_on_close(int descriptor);

/// The plain epoll(7): makes a queue, watches a descriptor for reading by level, and says whether it is ready.
int amy_test_epoll_watch(int queue, int descriptor);
int amy_test_epoll_is_ready(int queue, int milliseconds);

/// Whether a descriptor is readable now: poll(2).
bool amy_test_is_readable(int descriptor);

/// Refuses a system call to this process from now on, with an error, as a container's filter does: seccomp(2). 0, or -1.
int amy_test_refuse(int call, int error);
/// The numbers of calls.
extern const int amy_test_pidfd_open, amy_test_signalfd, amy_test_epoll_ctl;

/// Lets the process have so much more memory of its own, and no more: setrlimit(2), RLIMIT_AS. 0, or -1.
int amy_test_limit_memory(long more);

/// Blocks nothing any more in this thread, and sleeps for ever: what libdispatch does with the main thread on Linux.
void amy_test_park(void);
/// What a handler of this process is for a signal: 0 the system's, 1 that of amy_test_handle, 2 another one.
int amy_test_handler(int signal);

#endif
