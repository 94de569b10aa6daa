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

/// How many bytes of the heap are in use; 0 where nobody counts them: other C libraries, sanitizers.
long amy_test_heap_in_use(void);

/// Opens a pseudo-terminal that does not echo, and both of its ends: the master's does not block. Returns 0, or -1.
int amy_test_open_terminal(int *master, int *other);

#endif
