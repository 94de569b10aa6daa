#if __has_include("KqueueModel.h")
#define _GNU_SOURCE

#include "CKqueueModelTests.h"

#include "KqueueModel.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/event.h>
#include <time.h>

static int change(int queue, int descriptor, unsigned short flags, uint64_t data) {
  struct kevent entry;
  EV_SET(&entry, (uintptr_t)descriptor, EVFILT_READ, flags, 0, 0, (void *)(uintptr_t)data);
  return kevent(queue, &entry, 1, NULL, 0, NULL) == 0 ? 0 : errno;
}

int kqueue_model_test_watch(int queue, int descriptor, uint64_t data) {
  return change(queue, descriptor, EV_ADD, data);
}

int kqueue_model_test_unwatch(int queue, int descriptor) {
  return change(queue, descriptor, EV_DELETE, 0);
}

int kqueue_model_test_take(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  const struct timespec no_time = {0, 0};
  return sigtimedwait(&set, NULL, &no_time);
}

unsigned kqueue_model_test_coalesced_timers(void) {
  return kqueue_model_coalesced_timers();
}
#endif
