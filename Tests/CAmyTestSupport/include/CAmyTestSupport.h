// What tests need of C: fork(2), which Swift does not offer, and looking at the process's own descriptors.

#ifndef CAMY_TEST_SUPPORT_H
#define CAMY_TEST_SUPPORT_H

#include <stdbool.h>
#include <sys/types.h>

/// Runs a function in a forked child, and returns what it returned (0 to 99), or 100 and more when it did not return within
/// half a minute, or could not be started.
int amy_test_in_child(int (*body)(void *), void *context);

/// Like it, but by clone(2) without a handler of pthread_atfork(3) being called.
int amy_test_in_cloned_child(int (*body)(void *), void *context);

/// Whether a descriptor is closed on exec: 1, 0, or -1 when it is not open.
int amy_test_closes_on_exec(int descriptor);

/// Starts a child that ends when the input it is given is closed; returns its number, or -1.
pid_t amy_test_spawn_reader(int *input);

/// Waits until a child has ended, and returns its number, or -1.
pid_t amy_test_reap(pid_t child);

/// Sends a byte of TCP's urgent data. Returns 0, or -1.
int amy_test_send_urgent(int descriptor);

/// Installs a handler for a signal that only counts, and lets system calls be interrupted; and unblocks it in this thread.
void amy_test_handle(int signal);

/// How often such handlers were called.
int amy_test_handled(void);

/// Makes closing send a reset.
int amy_test_reset_on_close(int descriptor);

/// Waits by a plain poll(2) until a descriptor is readable, and says whether it is.
bool amy_test_becomes_readable(int descriptor, int milliseconds);

/// Whether a descriptor is readable now: poll(2).
bool amy_test_is_readable(int descriptor);

/// Returns when so many threads of this process whose names begin so are asleep, whatever in.
void amy_test_wait_for_sleepers(int count, const char *prefix);

#endif
