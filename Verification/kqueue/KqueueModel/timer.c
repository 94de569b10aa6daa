#if defined(__linux__)
// EVFILT_TIMER: a timerfd for each.

#define _GNU_SOURCE

#include "KqueueModel.h"
#include "internal.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/timerfd.h>
#include <unistd.h>

// Returns nanoseconds, or a negated errno.
static int64_t nanoseconds(const struct knote *knote) {
  int64_t unit;
  const unsigned units = NOTE_SECONDS | NOTE_MSECONDS | NOTE_USECONDS | NOTE_NSECONDS;
  const struct profile *profile = knote->queue->profile;
  const unsigned critical = profile->coalesces_timers ? KQUEUE_MODEL_NOTE_CRITICAL : 0;
  if (knote->given_fflags & ~(units | NOTE_ABSTIME | critical)) return -EINVAL;
  switch (knote->given_fflags & units) {
  case NOTE_SECONDS: unit = 1000000000; break;
  case 0:
  case NOTE_MSECONDS: unit = 1000000; break;
  case NOTE_USECONDS: unit = 1000; break;
  case NOTE_NSECONDS: unit = 1; break;
  default: return -EINVAL;
  }
  if (knote->given_data < 0) return profile->fires_past_timers ? 0 : -EINVAL;
  if (knote->given_data == 0 && profile->refuses_timers_of_no_time) return -EINVAL;
  bool repeats = !(knote->event.flags & EV_ONESHOT);
  int64_t count = knote->given_data == 0 && repeats ? 1 : knote->given_data;
  return count > INT64_MAX / unit ? INT64_MAX : count * unit;
}

static bool is_absolute(const struct knote *knote) {
  return knote->given_fflags & NOTE_ABSTIME;
}

static atomic_uint coalesced;

unsigned kqueue_model_coalesced_timers(void) {
  return atomic_load(&coalesced);
}

// When the timer really fires.
static int64_t delayed(const struct knote *knote, int64_t first) {
  const struct profile *profile = knote->queue->profile;
  if (first > INT64_MAX / 4) return first;
  if (profile->coalesces_timers && !(knote->given_fflags & KQUEUE_MODEL_NOTE_CRITICAL)) {
    atomic_fetch_add(&coalesced, 1);
    first += first / 2;
  }
  first += profile->timer_delay;
  int64_t steps = (first + profile->timer_step - 1) / profile->timer_step;
  // Zero would stop it.
  return (steps == 0 ? 1 : steps) * profile->timer_step;
}

static int start(struct knote *knote, int64_t first) {
  if (!is_absolute(knote)) first = delayed(knote, first);
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

// Adding a timer again restarts it, and discards what was undelivered.
static int touch(struct knote *knote, struct kevent *change) {
  const struct profile *profile = knote->queue->profile;
  if (!(change->flags & EV_ADD) && !profile->restarts_timers_always) return 0;
  // The other clock needs another descriptor; setting the same again resets its count.
  if ((knote->given_fflags ^ change->fflags) & NOTE_ABSTIME) source_detach(knote);
  knote_dequeue(knote);
  knote->active = false;
  knote->event.data = 0;
  knote->given_fflags = change->fflags;
  knote->given_data = change->data;
  int64_t first = nanoseconds(knote);
  int error = first < 0 ? (int)-first : knote->source < 0 ? open_clock(knote) : 0;
  if (error == 0) error = start(knote, first);
  if (error == 0) return 0;
  source_detach(knote);
  if (profile->refuses_bad_settings) return error;
  // An event, since the change itself succeeded.
  knote->event.flags |= EV_ERROR;
  knote->event.data = error;
  return 0;
}

const struct filter timer_filter = {.attach = attach, .detach = source_detach, .look = look, .touch = touch};
#endif
