// What tests need from C: fork(2), which Swift does not offer, and checks of descriptors.

#ifndef CAMY_TEST_SUPPORT_H
#define CAMY_TEST_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Runs a function in a forked child, and returns its result (0 to 99), or 100 and more if it did not return within two minutes
/// or start.
int amy_test_in_child(int (*body)(void *), void *context);

/// The same, by clone(2), without the handlers of pthread_atfork(3).
int amy_test_in_cloned_child(int (*body)(void *), void *context);

/// fork(2): the child continues here, has two minutes, and must end with _exit(2).
int amy_test_fork(void);

/// Waits for a child, and returns its result, or 100 and more.
int amy_test_wait(int child);

/// The bytes allocated in this process, or 0 if unknown.
size_t amy_test_allocated_bytes(void);

/// Returns 1 if a descriptor closes on exec, else 0, or -1 if not open.
int amy_test_closes_on_exec(int descriptor);

/// Starts a child that ends when the returned input is closed; returns its number, or -1.
pid_t amy_test_spawn_reader(int *input);

/// Waits for a child's end, and returns its number, or -1.
pid_t amy_test_reap(pid_t child);

/// Sends a byte of TCP urgent data. Returns 0, or -1.
int amy_test_send_urgent(int descriptor);

/// Installs a handler that only counts, and interrupts system calls; unblocks the signal in this thread.
void amy_test_handle(int signal);

/// Returns how often they were called.
int amy_test_handled(void);

/// Makes closing send a reset.
int amy_test_reset_on_close(int descriptor);

/// Returns whether a descriptor becomes readable within the time: poll(2).
bool amy_test_becomes_readable(int descriptor, int milliseconds);

/// Returns whether a descriptor is readable now: poll(2).
bool amy_test_is_readable(int descriptor);

/// Limits the process to that many further bytes of memory: setrlimit(2), RLIMIT_AS. Returns 0, or -1.
int amy_test_limit_memory(long more);

/// Unblocks all signals in this thread, and sleeps forever, as libdispatch does with the main thread on Linux.
void amy_test_park(void);
/// Returns a signal's handler: 0 the default, 1 amy_test_handle's, 2 another.
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

/// Makes the kernel refuse a system call of this process and its children with an error: seccomp(2).
///
/// With an `argument` of 0 to 5, refuses only calls in which that argument has the value; with -1, all. A call's latest error
/// counts. It cannot be undone. Returns 0, or the negated errno.
int amy_test_refuse(enum amy_test_call call, int argument, uint32_t value, int error);

/// Returns whether calls can be refused here.
bool amy_test_can_refuse(void);

/// Opens a pseudo-terminal that does not echo, with a non-blocking master. Returns 0, or -1.
int amy_test_open_terminal(int *master, int *other);

/// Returns once that many threads of this process with this name prefix are asleep, in any call.
void amy_test_wait_for_sleepers(int count, const char *prefix);

#endif
