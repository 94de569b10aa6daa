// epoll(7) and eventfd(2).

#ifndef CAMY_EPOLL_H
#define CAMY_EPOLL_H

#if defined(__linux__)

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/// The layout of struct epoll_event, packed on x86-64 alone: Swift reads its members by their offsets.
enum {
  amy_epoll_stride = sizeof(struct epoll_event),
  amy_epoll_data_offset = offsetof(struct epoll_event, data),
};

_Static_assert(offsetof(struct epoll_event, events) == 0, "the events come first");
_Static_assert(sizeof(((struct epoll_event *)0)->events) == 4, "the events are 32 bits");
_Static_assert(sizeof(((struct epoll_event *)0)->data) == 8, "the user data are 64 bits");
_Static_assert(sizeof(struct epoll_event) == 12 || sizeof(struct epoll_event) == 16, "12 bytes packed, 16 aligned");
// Interest and Readiness use the kernel's bits.
_Static_assert(EPOLLIN == 1 && EPOLLPRI == 2 && EPOLLOUT == 4, "Interest has the same bits");

_Static_assert(EPOLLRDHUP == 1u << 13 && EPOLLONESHOT == 1u << 30 && EPOLLET == 1u << 31, "Watch has the same bits");
_Static_assert(EPOLLEXCLUSIVE == 1u << 28, "Watch has the same bit");
_Static_assert(EPOLL_CTL_ADD == 1 && EPOLL_CTL_DEL == 2 && EPOLL_CTL_MOD == 3, "Change has the same numbers");

// Swift imports these with their type, and the header's as enumerators or unsigned literals.
static const uint32_t amy_epoll_error = EPOLLERR;
static const uint32_t amy_epoll_hang_up = EPOLLHUP;
static const uint32_t amy_epoll_peer_closed = EPOLLRDHUP;

/// epoll_create1(2), close-on-exec.
static inline int amy_epoll_create(void) {
  int queue = epoll_create1(EPOLL_CLOEXEC);
  return queue >= 0 ? queue : -errno;
}

/// epoll_ctl(2).
static inline int amy_epoll_control(int queue, int operation, int descriptor, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data = {.u64 = data}};
  return epoll_ctl(queue, operation, descriptor, &event) == 0 ? 0 : -errno;
}

/// epoll_pwait2(2), with nanoseconds. Where the kernel (before 5.11) or a container's filter refuses it, epoll_wait(2) with
/// milliseconds, rounded up.
int amy_epoll_wait_until(int queue, void *events, int limit, uint64_t nanoseconds);

/// epoll_wait(2) into room for `limit` events: 0 does not wait, UINT64_MAX waits without limit.
static inline int amy_epoll_wait(int queue, void *events, int limit, uint64_t nanoseconds) {
  if (nanoseconds != 0 && nanoseconds != UINT64_MAX) {
    return amy_epoll_wait_until(queue, events, limit, nanoseconds);
  }
  int count = epoll_wait(queue, (struct epoll_event *)events, limit, nanoseconds == 0 ? 0 : -1);
  // In this order the caller's common case is one comparison.
  if (count > 0) return count;
  return count == 0 ? 0 : -errno;
}

/// eventfd(2), non-blocking, close-on-exec.
static inline int amy_eventfd_create(void) {
  int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return descriptor >= 0 ? descriptor : -errno;
}

/// write(2) of 1 to an eventfd. Its counter holds 2^64 - 2 of them.
static inline int amy_eventfd_add_one(int descriptor) {
  const uint64_t one = 1;
  while (write(descriptor, &one, sizeof one) != (ssize_t)sizeof one) {
    if (errno != EINTR) return -errno;
  }
  return 0;
}

/// timerfd_create(2) on the monotonic clock, non-blocking, close-on-exec.
static inline int amy_timerfd_create(void) {
  int descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  return descriptor >= 0 ? descriptor : -errno;
}

/// timerfd_settime(2): once, at a time on the monotonic clock, replacing the previous setting.
int amy_timerfd_set(int descriptor, uint64_t time);

#endif
#endif
