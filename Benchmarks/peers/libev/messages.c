#include "../messages.h"

#include <ev.h>

struct loop {
  struct ev_loop *loop;
  ev_async async;
  int number;
};

static void woken(struct ev_loop *loop, ev_async *async, int events) {
  (void)loop, (void)events;
  receive(((struct loop *)async->data)->number);
}

static struct loop *loop_open(void) {
  static int loops;
  struct loop *loop = calloc(1, sizeof *loop);
  loop->number = loops++;
  loop->loop = ev_loop_new(EVBACKEND_EPOLL);
  ev_async_init(&loop->async, woken);
  loop->async.data = loop;
  ev_async_start(loop->loop, &loop->async);
  return loop;
}

static void loop_wake(struct loop *loop) {
  ev_async_send(loop->loop, &loop->async);
}

static void loop_wait(struct loop *loop, int must_sleep) {
  ev_run(loop->loop, must_sleep ? EVRUN_ONCE : EVRUN_NOWAIT);
}
