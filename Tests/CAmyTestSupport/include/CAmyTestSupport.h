// What tests need of C: fork(2), which Swift does not offer, and looking at the process's own descriptors.

#ifndef CAMY_TEST_SUPPORT_H
#define CAMY_TEST_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Runs a function in a forked child, and returns what it returned (0 to 99), or 100 and more when it did not return within
/// two minutes, or could not be started.
int amy_test_in_child(int (*body)(void *), void *context);

/// Like it, but by clone(2) without a handler of pthread_atfork(3) being called.
int amy_test_in_cloned_child(int (*body)(void *), void *context);

/// fork(2), for a child that goes on: it has two minutes, and ends with _exit(2).
int amy_test_fork(void);

/// What a child returned, or 100 and more, as above.
int amy_test_wait(int child);

/// Bytes of memory that are allocated in this process, or 0 where nobody can say.
size_t amy_test_allocated_bytes(void);

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

/// Lets the process have so much more memory of its own, and no more: setrlimit(2), RLIMIT_AS. 0, or -1.
int amy_test_limit_memory(long more);

/// Blocks nothing any more in this thread, and sleeps for ever: what libdispatch does with the main thread on Linux.
void amy_test_park(void);
/// What a handler of this process is for a signal: 0 the system's, 1 that of amy_test_handle, 2 another one.
int amy_test_handler(int signal);

/// System calls that can be refused.
enum amy_test_call {
  amy_test_accept,
  amy_test_bind,
  amy_test_connect,
  amy_test_epoll_control,
  amy_test_epoll_create,
  amy_test_epoll_pwait2,
  amy_test_epoll_wait,
  amy_test_eventfd,
  amy_test_get_option,
  amy_test_get_peer,
  amy_test_listen,
  amy_test_madvise,
  amy_test_pidfd_open,
  amy_test_read,
  amy_test_receive,
  amy_test_send,
  amy_test_set_option,
  amy_test_shutdown,
  amy_test_signalfd,
  amy_test_socket,
  amy_test_socketpair,
  amy_test_write,
  amy_test_write_segments,
};

/// From now on the kernel refuses a system call to this process, and to its children, with an error: seccomp(2).
///
/// With an `argument` of 0 to 5 only where that has the value; with -1 always. Called again for the same call, the new error
/// takes the place of the old. It cannot be undone. Returns 0, or the negated errno.
int amy_test_refuse(enum amy_test_call call, int argument, uint32_t value, int error);

/// Whether it can be done here.
bool amy_test_can_refuse(void);

/// Opens a pseudo-terminal that does not echo, and both of its ends: the master's does not block. Returns 0, or -1.
int amy_test_open_terminal(int *master, int *other);

/// Returns when so many threads of this process whose names begin so are asleep, whatever in.
void amy_test_wait_for_sleepers(int count, const char *prefix);

#endif
