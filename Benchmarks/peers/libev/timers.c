#include "../timers.h"

#include <ev.h>

static struct ev_loop *loop;
static ev_timer *timers;

static void fire(struct ev_loop *loop, ev_timer *timer, int events) {
  (void)loop, (void)events;
  has_fired(timer - timers);
}

static void timers_open(long count) {
  loop = ev_default_loop(0);
  timers = calloc((size_t)count, sizeof *timers);
  for (long slot = 0; slot < count; slot++) ev_timer_init(&timers[slot], fire, 0., 0.);
}

static void timers_set(long slot, uint64_t delay) {
  ev_timer_set(&timers[slot], (double)delay * 1e-9, 0.);
  ev_timer_start(loop, &timers[slot]);
}

static void timers_cancel(long slot) {
  ev_timer_stop(loop, &timers[slot]);
}

static void timers_fire(void) {
  ev_run(loop, EVRUN_NOWAIT);
}
