#include "../ring.h"

#include <event2/event.h>

static struct event_base *base;
static short wanted = EV_READ | EV_PERSIST;

static void ready(evutil_socket_t descriptor, short events, void *slot) {
  (void)descriptor, (void)events;
  pass((int)(intptr_t)slot);
  if (remaining <= 0) event_base_loopbreak(base);
}

static void ring_open(const char *mode, int slots) {
  (void)slots;
  base = event_base_new();
  if (strcmp(mode, "edge") == 0) wanted |= EV_ET;
}

static void ring_add(int slot, int descriptor) {
  check(event_add(event_new(base, descriptor, wanted, ready, (void *)(intptr_t)slot), NULL) == 0, "event_add");
}

static void ring_run(void) {
  event_base_dispatch(base);
}
