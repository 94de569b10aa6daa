// One timerfd per timer: the kernel's own means.

#include "../timers.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>

static int queue, *timers;

static void timers_open(long count) {
  queue = epoll_create1(EPOLL_CLOEXEC);
  timers = calloc((size_t)count, sizeof *timers);
}

static void timers_set(long slot, uint64_t delay) {
  timers[slot] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  check(timers[slot] >= 0, "timerfd_create");
  struct itimerspec time = {.it_value = {.tv_sec = (time_t)(delay / 1000000000), .tv_nsec = (long)(delay % 1000000000)}};
  timerfd_settime(timers[slot], 0, &time, NULL);
  struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = (uint64_t)slot};
  epoll_ctl(queue, EPOLL_CTL_ADD, timers[slot], &event);
}

static void timers_cancel(long slot) {
  close(timers[slot]);
}

static void timers_fire(void) {
  struct epoll_event events[256];
  int count = epoll_wait(queue, events, 256, 0);
  for (int index = 0; index < count; index++) {
    close(timers[events[index].data.u64]);
    has_fired((long)events[index].data.u64);
  }
}
