#include "../registration.h"

#include <uv.h>

static uv_loop_t *loop;
static uv_poll_t *handles;

static void ready(uv_poll_t *handle, int status, int events) {
  (void)handle, (void)status, (void)events;
}

static void registration_open(int count) {
  loop = uv_default_loop();
  handles = calloc((size_t)count, sizeof *handles);
}

static void add(int slot, int descriptor) {
  uv_poll_init(loop, &handles[slot], descriptor);
  uv_poll_start(&handles[slot], UV_READABLE, ready);
}

static void modify(int slot, int descriptor) {
  (void)descriptor;
  uv_poll_start(&handles[slot], UV_WRITABLE, ready);
}

static void take_out(int slot, int descriptor) {
  (void)descriptor;
  uv_close((uv_handle_t *)&handles[slot], NULL);
}

static void apply(void) {
  uv_run(loop, UV_RUN_NOWAIT);
}
