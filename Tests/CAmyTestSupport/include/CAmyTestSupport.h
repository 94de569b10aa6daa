// What tests need of C: fork(2), which Swift does not offer, and looking at the process's own descriptors.

#ifndef CAMY_TEST_SUPPORT_H
#define CAMY_TEST_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>

/// Runs a function in a forked child, and returns what it returned (0 to 99), or 100 and more when it did not return within
/// half a minute, or could not be started.
int amy_test_in_child(int (*body)(void *), void *context);

/// Like it, but by clone(2) without a handler of pthread_atfork(3) being called.
int amy_test_in_cloned_child(int (*body)(void *), void *context);

/// fork(2), for a child that goes on: it has half a minute, and ends with _exit(2).
int amy_test_fork(void);

/// What a child returned, or 100 and more, as above.
int amy_test_wait(int child);

/// Bytes of memory that are allocated in this process, or 0 where nobody can say.
size_t amy_test_allocated_bytes(void);

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

#endif
