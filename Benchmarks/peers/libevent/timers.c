#include "../timers.h"

#include <event2/event.h>
#include <event2/event_struct.h>

static struct event_base *base;
static struct event *timers;

static void fire(evutil_socket_t descriptor, short events, void *slot) {
  (void)descriptor, (void)events;
  has_fired((long)(intptr_t)slot);
}

static void timers_open(long count) {
  base = event_base_new();
  timers = calloc((size_t)count, sizeof *timers);
  for (long slot = 0; slot < count; slot++) evtimer_assign(&timers[slot], base, fire, (void *)(intptr_t)slot);
}

static void timers_set(long slot, uint64_t delay) {
  struct timeval time = {.tv_sec = (time_t)(delay / 1000000000), .tv_usec = (suseconds_t)(delay % 1000000000 / 1000)};
  evtimer_add(&timers[slot], &time);
}

static void timers_cancel(long slot) {
  evtimer_del(&timers[slot]);
}

static void timers_fire(void) {
  event_base_loop(base, EVLOOP_NONBLOCK);
}
