#include "../messages.h"

#include <uv.h>

struct loop {
  uv_loop_t loop;
  uv_async_t async;
  int number;
};

static void woken(uv_async_t *async) {
  receive(((struct loop *)async->data)->number);
}

static struct loop *loop_open(void) {
  static int loops;
  struct loop *loop = calloc(1, sizeof *loop);
  loop->number = loops++;
  uv_loop_init(&loop->loop);
  uv_async_init(&loop->loop, &loop->async, woken);
  loop->async.data = loop;
  return loop;
}

static void loop_wake(struct loop *loop) {
  uv_async_send(&loop->async);
}

static void loop_wait(struct loop *loop, int must_sleep) {
  uv_run(&loop->loop, must_sleep ? UV_RUN_ONCE : UV_RUN_NOWAIT);
}
