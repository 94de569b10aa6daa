#include "../ring.h"

#include <sys/epoll.h>

static int queue;
static uint32_t events_wanted;

static void ring_open(const char *mode, int slots) {
  (void)slots;
  queue = epoll_create1(EPOLL_CLOEXEC);
  events_wanted = EPOLLIN | (strcmp(mode, "edge") == 0 ? EPOLLET : strcmp(mode, "once") == 0 ? EPOLLONESHOT : 0);
}

static void ring_add(int slot, int descriptor) {
  struct epoll_event event = {.events = events_wanted, .data.u32 = (uint32_t)slot};
  check(epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event) == 0, "epoll_ctl");
}

static void ring_run(void) {
  struct epoll_event events[256];
  while (remaining > 0) {
    int count = epoll_wait(queue, events, 256, -1);
    for (int index = 0; index < count; index++) {
      int slot = (int)events[index].data.u32;
      pass(slot);
      if (events_wanted & EPOLLONESHOT) {
        struct epoll_event event = {.events = events_wanted, .data.u32 = (uint32_t)slot};
        epoll_ctl(queue, EPOLL_CTL_MOD, readers[slot], &event);
      }
    }
  }
}
