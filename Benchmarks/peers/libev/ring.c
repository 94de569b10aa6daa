#include "../ring.h"

#include <ev.h>

static struct ev_loop *loop;
static ev_io *watchers;

static void ready(struct ev_loop *loop, ev_io *watcher, int events) {
  (void)events;
  pass((int)(watcher - watchers));
  if (remaining <= 0) ev_break(loop, EVBREAK_ALL);
}

static void ring_open(const char *mode, int slots) {
  (void)mode;
  loop = ev_default_loop(EVBACKEND_EPOLL);
  watchers = calloc((size_t)slots, sizeof *watchers);
}

static void ring_add(int slot, int descriptor) {
  ev_io_init(&watchers[slot], ready, descriptor, EV_READ);
  ev_io_start(loop, &watchers[slot]);
}

static void ring_run(void) {
  ev_run(loop, 0);
}
