#include "../timers.h"

#include <uv.h>

static uv_loop_t *loop;
static uv_timer_t *timers;

static void fire(uv_timer_t *timer) {
  has_fired(timer - timers);
}

static void timers_open(long count) {
  loop = uv_default_loop();
  timers = calloc((size_t)count, sizeof *timers);
  for (long slot = 0; slot < count; slot++) uv_timer_init(loop, &timers[slot]);
}

static void timers_set(long slot, uint64_t delay) {
  uv_timer_start(&timers[slot], fire, delay / 1000000, 0);
}

static void timers_cancel(long slot) {
  uv_timer_stop(&timers[slot]);
}

static void timers_fire(void) {
  uv_run(loop, UV_RUN_NOWAIT);
}
