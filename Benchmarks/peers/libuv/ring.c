#include "../ring.h"

#include <uv.h>

static uv_loop_t *loop;
static uv_poll_t *handles;

static void ready(uv_poll_t *handle, int status, int events) {
  (void)status, (void)events;
  pass((int)(handle - handles));
  if (remaining <= 0) uv_stop(loop);
}

static void ring_open(const char *mode, int slots) {
  (void)mode;
  loop = uv_default_loop();
  handles = calloc((size_t)slots, sizeof *handles);
}

static void ring_add(int slot, int descriptor) {
  check(uv_poll_init(loop, &handles[slot], descriptor) == 0, "uv_poll_init");
  uv_poll_start(&handles[slot], UV_READABLE, ready);
}

static void ring_run(void) {
  uv_run(loop, UV_RUN_DEFAULT);
}
