#if defined(__linux__)
// EVFILT_USER: set only by changes.

#define _GNU_SOURCE

#include "internal.h"

// NOTE_TRIGGER in the change that adds the knote is usually lost: the checked fflags are cleared by then.
static int attach(struct knote *knote) {
  knote->triggered = knote->queue->profile->triggers_on_adding && knote->given_fflags & NOTE_TRIGGER;
  return 0;
}

static void detach(struct knote *knote) {
  (void)knote;
}

static bool look(struct knote *knote, bool told) {
  (void)told;
  return knote->triggered;
}

static void clear(struct knote *knote) {
  knote->triggered = false;
  knote->event.data = 0;
  knote->event.fflags = 0;
}

static int touch(struct knote *knote, struct kevent *change) {
  if (change->fflags & NOTE_TRIGGER) knote->triggered = true;
  const unsigned flags = change->fflags & NOTE_FFLAGSMASK;
  switch (change->fflags & NOTE_FFCTRLMASK) {
  case NOTE_FFAND: knote->given_fflags &= flags; break;
  case NOTE_FFOR: knote->given_fflags |= flags; break;
  case NOTE_FFCOPY: knote->given_fflags = flags; break;
  default: break;
  }
  change->fflags = flags;
  knote->given_data = change->data;
  // EV_CLEAR in a change resets the trigger, even its own.
  if (change->flags & EV_CLEAR && !knote->queue->profile->triggers_on_adding) clear(knote);
  return 0;
}

static void tell(struct knote *knote, struct kevent *event) {
  *event = knote->event;
  event->fflags = knote->given_fflags;
  event->data = knote->given_data;
  if (knote->event.flags & EV_CLEAR) clear(knote);
}

const struct filter user_filter = {.attach = attach, .detach = detach, .look = look, .touch = touch, .tell = tell};
#endif
