#if defined(__linux__)
// An entry of a change list.

#define _GNU_SOURCE

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

// Filters that the double does not have.
static int refuse(struct knote *knote) {
  (void)knote;
  return ENXIO;
}

static const struct filter missing_filter = {.attach = refuse};

static const struct filter *filter_of(const struct queue *queue, short number) {
  if (number == EVFILT_USER && !queue->profile->has_user_events) return NULL;
  switch (number) {
  case EVFILT_READ:
  case EVFILT_WRITE: return &file_filter;
  case EVFILT_TIMER: return &timer_filter;
  case EVFILT_USER: return &user_filter;
  case EVFILT_SIGNAL: return &signal_filter;
  case EVFILT_PROC: return &process_filter;
  default: return number < 0 && number >= -EVFILT_SYSCOUNT ? &missing_filter : NULL;
  }
}

// The condition may hold already after any addition or modification.
static void look_at_once(struct knote *knote) {
  if (!knote->disabled && knote->filter->look(knote, false)) knote->active = true;
  if (knote->active && !knote->disabled) knote_enqueue(knote);
}

static int add(struct queue *queue, const struct filter *filter, struct kevent *change) {
  struct knote *knote = knote_make(queue, filter, change);
  if (knote == NULL) return ENOMEM;
  // A receipt has neither.
  change->fflags = 0;
  change->data = 0;
  int error = filter->attach(knote);
  if (error != 0) {
    knote_drop(knote, false);
    return error;
  }
  look_at_once(knote);
  return 0;
}

// Returns an errno, or 0.
static int touch(struct knote *knote, struct kevent *change) {
  if (knote->filter->touch != NULL) return knote->filter->touch(knote, change);
  knote->given_fflags = change->fflags;
  knote->given_data = change->data;
  return 0;
}

// C9 and C10: only adding modifies, except user events.
static int modify_by_add(struct knote *knote, struct kevent *change) {
  if (change->flags & EV_ADD || knote->filter == &user_filter) {
    knote->event.udata = change->udata;
    int error = touch(knote, change);
    if (error != 0) return error;
    look_at_once(knote);
  }
  if (change->flags & EV_DISABLE) knote_set_disabled(knote, true);
  if (change->flags & EV_ENABLE && knote->disabled) {
    // epoll checks readiness when it begins to listen.
    knote->is_deaf = !knote->queue->profile->looks_on_enabling;
    knote_set_disabled(knote, false);
    if (knote->is_deaf) harvest_all(knote->queue);
    knote->is_deaf = false;
    if (knote->queue->profile->looks_on_enabling) {
      look_at_once(knote);
    } else if (knote->active) {
      knote_enqueue(knote);
    }
  }
  return 0;
}

// EV_CLEAR, EV_ONESHOT, EV_DISPATCH and EV_RECEIPT stay as when the knote was made. Only EV_ENABLE, not EV_ADD alone, enables a
// disabled knote.
static int modify(struct knote *knote, struct kevent *change) {
  if (knote->queue->profile->changes_udata_by_add_alone) return modify_by_add(knote, change);
  bool knows_all = knote->queue->profile->knows_keep_udata;
  if (knows_all && change->flags & EV_FORCEONESHOT) {
    knote->event.flags |= EV_ONESHOT;
    knote_activate(knote);
  }
  if (change->flags & EV_ENABLE) knote_set_disabled(knote, false);
  if (change->flags & EV_DISABLE) knote_set_disabled(knote, true);
  if (!knows_all || !(change->flags & EV_KEEPUDATA)) knote->event.udata = change->udata;
  int error = touch(knote, change);
  if (error == 0) look_at_once(knote);
  return error;
}

static bool deletes(const struct profile *profile, const struct kevent *change, bool exists) {
  if (!(change->flags & EV_DELETE)) return false;
  if (!(change->flags & EV_ADD) || profile->deletes_rather_than_adds) return true;
  return exists && !profile->adds_rather_than_deletes;
}

static int apply(struct queue *queue, const struct filter *filter, struct kevent *change) {
  if (filter->is_file && (change->ident > INT_MAX || fcntl((int)change->ident, F_GETFD) < 0)) {
    // In a kernel, closing the descriptor removed the knote.
    struct knote *orphan = knote_find(queue, change->ident, change->filter);
    if (orphan != NULL) knote_drop(orphan, false);
    return queue->profile->finds_knotes_first && !(change->flags & EV_ADD) ? ENOENT : EBADF;
  }
  struct knote *knote = knote_find(queue, change->ident, change->filter);
  if (knote != NULL && !knote_is_current(knote)) {
    // An earlier file's with this number.
    knote_drop(knote, false);
    knote = NULL;
  }
  if (deletes(queue->profile, change, knote != NULL)) {
    if (knote == NULL) return ENOENT;
    knote_drop(knote, true);
    return 0;
  }
  if (knote == NULL) return change->flags & EV_ADD ? add(queue, filter, change) : ENOENT;
  return modify(knote, change);
}

int change_apply(struct queue *queue, struct kevent *change) {
  const struct filter *filter = filter_of(queue, change->filter);
  const unsigned both = EV_ENABLE | EV_DISABLE, keep = EV_ADD | EV_KEEPUDATA;
  if (filter == NULL) return EINVAL;
  bool knows_all = queue->profile->knows_keep_udata;
  if (knows_all && ((change->flags & both) == both || (change->flags & keep) == keep)) return EINVAL;
  pthread_mutex_lock(&queue->lock);
  int error = apply(queue, filter, change);
  queue_ring(queue);
  pthread_mutex_unlock(&queue->lock);
  return error;
}
#endif
