#include "../messages.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

struct loop {
  int queue, waker, number;
};

static struct loop *loop_open(void) {
  static int loops;
  struct loop *loop = calloc(1, sizeof *loop);
  *loop = (struct loop){epoll_create1(EPOLL_CLOEXEC), eventfd(0, EFD_NONBLOCK), loops++};
  struct epoll_event event = {.events = EPOLLIN | EPOLLET};
  epoll_ctl(loop->queue, EPOLL_CTL_ADD, loop->waker, &event);
  return loop;
}

static void loop_wake(struct loop *loop) {
  uint64_t one = 1;
  check(write(loop->waker, &one, sizeof one) == sizeof one, "write");
}

static void loop_wait(struct loop *loop, int must_sleep) {
  struct epoll_event events[16];
  if (epoll_wait(loop->queue, events, 16, must_sleep ? -1 : 0) > 0) receive(loop->number);
}
