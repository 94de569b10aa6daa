#include "../registration.h"

#include <sys/epoll.h>

static int queue;

static void registration_open(int count) {
  (void)count;
  queue = epoll_create1(EPOLL_CLOEXEC);
}

static void add(int slot, int descriptor) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u32 = (uint32_t)slot};
  epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event);
}

static void modify(int slot, int descriptor) {
  struct epoll_event event = {.events = EPOLLOUT | EPOLLONESHOT, .data.u32 = (uint32_t)slot};
  epoll_ctl(queue, EPOLL_CTL_MOD, descriptor, &event);
}

static void take_out(int slot, int descriptor) {
  (void)slot;
  epoll_ctl(queue, EPOLL_CTL_DEL, descriptor, NULL);
}

static void apply(void) {}
