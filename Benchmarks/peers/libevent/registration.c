#include "../registration.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/thread.h>

static struct event_base *base;
static struct event *events;

static void ready(evutil_socket_t descriptor, short what, void *context) {
  (void)descriptor, (void)what, (void)context;
}

static void registration_open(int count) {
  if (thread_count > 1) evthread_use_pthreads();
  base = event_base_new();
  events = calloc((size_t)count, sizeof *events);
}

static void add(int slot, int descriptor) {
  event_assign(&events[slot], base, descriptor, EV_READ | EV_PERSIST, ready, NULL);
  event_add(&events[slot], NULL);
}

static void modify(int slot, int descriptor) {
  event_del(&events[slot]);
  event_assign(&events[slot], base, descriptor, EV_WRITE | EV_PERSIST, ready, NULL);
  event_add(&events[slot], NULL);
}

static void take_out(int slot, int descriptor) {
  (void)descriptor;
  event_del(&events[slot]);
}

static void apply(void) {}
