#if defined(__linux__)
// EVFILT_TIMER: a timerfd for each.

#define _GNU_SOURCE

#include "internal.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

// Nanoseconds, or a negated errno.
static int64_t nanoseconds(const struct knote *knote) {
  int64_t unit;
  const unsigned units = NOTE_SECONDS | NOTE_MSECONDS | NOTE_USECONDS | NOTE_NSECONDS;
  if (knote->given_fflags & ~(units | NOTE_ABSTIME)) return -EINVAL;
  switch (knote->given_fflags & units) {
  case NOTE_SECONDS: unit = 1000000000; break;
  case 0:
  case NOTE_MSECONDS: unit = 1000000; break;
  case NOTE_USECONDS: unit = 1000; break;
  case NOTE_NSECONDS: unit = 1; break;
  default: return -EINVAL;
  }
  if (knote->given_data < 0) return -EINVAL;
  bool repeats = !(knote->event.flags & EV_ONESHOT);
  int64_t count = knote->given_data == 0 && repeats ? 1 : knote->given_data;
  return count > INT64_MAX / unit ? INT64_MAX : count * unit;
}

static bool is_absolute(const struct knote *knote) {
  return knote->given_fflags & NOTE_ABSTIME;
}

static int start(struct knote *knote, int64_t first) {
  // Zero would stop it.
  if (first == 0) first = 1;
  const struct timespec time = {.tv_sec = first / 1000000000, .tv_nsec = first % 1000000000};
  struct itimerspec setting = {.it_value = time};
  if (!(knote->event.flags & EV_ONESHOT) && !is_absolute(knote)) setting.it_interval = time;
  return timerfd_settime(knote->source, is_absolute(knote) ? TFD_TIMER_ABSTIME : 0, &setting, NULL) == 0 ? 0 : errno;
}

static int open_clock(struct knote *knote) {
  return source_attach(
      knote, timerfd_create(is_absolute(knote) ? CLOCK_REALTIME : CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
}

static int attach(struct knote *knote) {
  int64_t first = nanoseconds(knote);
  if (first < 0) return (int)-first;
  int error = open_clock(knote);
  if (error == 0) error = start(knote, first);
  if (error != 0) {
    source_detach(knote);
    return error;
  }
  if (!is_absolute(knote)) knote->event.flags |= EV_CLEAR;
  return 0;
}

static bool look(struct knote *knote, bool told) {
  uint64_t times = 0;
  (void)told;
  if (knote->source >= 0 && read(knote->source, &times, sizeof times) == (ssize_t)sizeof times) {
    knote->event.data += (int64_t)times;
  }
  return knote->event.data != 0;
}

// Adding it again starts it again, and what was not told yet is forgotten.
static void touch(struct knote *knote, struct kevent *change) {
  if (!(change->flags & EV_ADD)) return;
  // The other clock needs another descriptor; the same is set again, which forgets what it counted.
  if ((knote->given_fflags ^ change->fflags) & NOTE_ABSTIME) source_detach(knote);
  knote_dequeue(knote);
  knote->active = false;
  knote->event.data = 0;
  knote->given_fflags = change->fflags;
  knote->given_data = change->data;
  int64_t first = nanoseconds(knote);
  int error = first < 0 ? (int)-first : knote->source < 0 ? open_clock(knote) : 0;
  if (error == 0) error = start(knote, first);
  if (error == 0) return;
  source_detach(knote);
  // Told as an event, for the change itself has succeeded.
  knote->event.flags |= EV_ERROR;
  knote->event.data = error;
}

const struct filter timer_filter = {.attach = attach, .detach = source_detach, .look = look, .touch = touch};
#endif
