#if defined(__linux__)

// struct timespec and syscall(2).
#define _GNU_SOURCE

#include "CAmyEpoll.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>

// The same on every architecture: newer calls share one table.
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

// The kernel's own struct, also where time_t has 32 bits.
struct kernel_timespec {
  int64_t seconds;
  int64_t nanoseconds;
};

int amy_timerfd_set(int descriptor, uint64_t time) {
  // Zero would disarm the timer, and the kernel counts no more than 292 years.
  if (time == 0) time = 1;
  if (time > INT64_MAX) time = INT64_MAX;
  struct itimerspec value = {
      .it_value = {.tv_sec = (time_t)(time / 1000000000), .tv_nsec = (long)(time % 1000000000)}};
  return timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &value, NULL) == 0 ? 0 : -errno;
}

static int wait_in_milliseconds(int queue, void *events, int limit, uint64_t nanoseconds) {
  uint64_t milliseconds = nanoseconds / 1000000 + (nanoseconds % 1000000 != 0);
  int timeout = milliseconds > INT_MAX ? INT_MAX : (int)milliseconds;
  int count = epoll_wait(queue, events, limit, timeout);
  return count >= 0 ? count : -errno;
}

// Of epoll_wait(2) itself.
static bool is_of_waiting(int error) {
  return error == EINTR || error == EBADF || error == EFAULT || error == EINVAL;
}

int amy_epoll_wait_until(int queue, void *events, int limit, uint64_t nanoseconds) {
  static atomic_bool refused;
  if (!atomic_load_explicit(&refused, memory_order_relaxed)) {
    struct kernel_timespec timeout = {(int64_t)(nanoseconds / 1000000000), (int64_t)(nanoseconds % 1000000000)};
    long count = syscall(SYS_epoll_pwait2, queue, events, limit, &timeout, NULL, (size_t)0);
    if (count >= 0) return (int)count;
    // ENOSYS means an older kernel; a container's filter refuses with the error of its profile.
    if (is_of_waiting(errno)) return -errno;
    atomic_store_explicit(&refused, true, memory_order_relaxed);
  }
  return wait_in_milliseconds(queue, events, limit, nanoseconds);
}

#endif
