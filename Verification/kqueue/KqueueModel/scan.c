#if defined(__linux__)
// epoll's reports make filters check again; their results are listed, and delivered in order.

#define _GNU_SOURCE

#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

enum { batch = 64 };

static void ask_again(struct queue *queue, uint64_t serial) {
  // The report is for a descriptor closed while a duplicate is open.
  struct knote *knote = knote_find_serial(queue, serial);
  if (knote != NULL && !knote->is_deaf && knote->filter->look(knote, true)) knote_activate(knote);
}

static void harvest(struct queue *queue, int listener) {
  struct epoll_event reports[batch];
  int count;
  // All but the waker and the write filters are reported once, so this ends.
  do {
    count = epoll_wait(listener, reports, batch, 0);
    for (int index = 0; index < count; index += 1) {
      uint64_t serial = reports[index].data.u64;
      if (serial == serial_writers) harvest(queue, queue->writers);
      if (serial == serial_knock) file_hear_ends(queue);
      if (serial >= first_serial) ask_again(queue, serial);
    }
  } while (count == batch);
}

void harvest_all(struct queue *queue) {
  harvest(queue, queue->number);
}

static bool tell(struct knote *knote, struct kevent *event) {
  knote_dequeue(knote);
  bool is_once = knote->event.flags & EV_ONESHOT;
  // A one-shot event is usually delivered as found, without another check.
  bool looks = !is_once || knote->queue->profile->looks_at_once_told;
  if (!knote->dropping && looks && !knote->filter->look(knote, false)) {
    knote->active = false;
    return false;
  }
  // Its number may belong to another file by now.
  if (knote->dropping || !knote_is_current(knote)) {
    knote_drop(knote, knote->dropping);
    return false;
  }
  if (is_once) {
    *event = knote->event;
    knote_drop(knote, true);
    return true;
  }
  if (knote->filter->tell != NULL) {
    knote->filter->tell(knote, event);
  } else {
    *event = knote->event;
    if (knote->event.flags & EV_CLEAR) {
      knote->event.data = 0;
      knote->event.fflags = 0;
    }
  }
  if (knote->event.flags & (EV_CLEAR | EV_DISPATCH)) {
    knote->active = false;
    if (knote->event.flags & EV_DISPATCH) knote_set_disabled(knote, true);
  } else {
    knote_enqueue(knote);
  }
  return true;
}

// Delivers each listed knote at most once: one that stays ready goes to the list's end.
static int tell_all(struct queue *queue, struct kevent *events, int room) {
  int count = 0;
  for (unsigned left = queue->count; left > 0 && count < room; left -= 1) {
    if (tell(queue->first, &events[count])) count += 1;
  }
  return count;
}

static int64_t nanoseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000 + now.tv_nsec;
}

// Timeouts over 68 years count as none.
static bool ends(const struct timespec *timeout) {
  return timeout != NULL && timeout->tv_sec <= INT32_MAX;
}

// Sleeps without taking anything, so that all waiters see the same. Returns 1, 0 at the timeout, or a negated errno.
static int sleep_until(struct queue *queue, bool has_end, int64_t end) {
  struct pollfd descriptor = {.fd = queue->number, .events = POLLIN};
  struct timespec left = {0};
  if (has_end) {
    int64_t nanoseconds = end - nanoseconds_now();
    if (nanoseconds <= 0) return 0;
    left.tv_sec = nanoseconds / 1000000000;
    left.tv_nsec = nanoseconds % 1000000000;
  }
  int result = ppoll(&descriptor, 1, has_end ? &left : NULL, NULL);
  return result >= 0 ? result : -errno;
}

int scan(struct queue *queue, struct kevent *events, int room, const struct timespec *timeout) {
  if (room == 0) return 0;
  if (room < 0) return -EINVAL;
  bool has_end = ends(timeout);
  if (timeout != NULL && (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000)) return -EINVAL;
  bool only_looks = timeout != NULL && timeout->tv_sec == 0 && timeout->tv_nsec == 0;
  int64_t end = has_end && !only_looks ? nanoseconds_now() + timeout->tv_sec * 1000000000 + timeout->tv_nsec : 0;
  for (;;) {
    pthread_mutex_lock(&queue->lock);
    signals_look(queue);
    harvest_all(queue);
    int count = tell_all(queue, events, room);
    queue_ring(queue);
    pthread_mutex_unlock(&queue->lock);
    if (count > 0 || only_looks) return count;
    int result = sleep_until(queue, has_end, end);
    if (result <= 0) return result;
    if (!queue_is_open(queue)) return -EBADF;
  }
}
#endif
