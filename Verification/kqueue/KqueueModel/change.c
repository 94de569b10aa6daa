#if defined(__linux__)
// One entry of a change list.

#define _GNU_SOURCE

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

// The filters that a kernel knows and the double does not.
static int refuse(struct knote *knote) {
  (void)knote;
  return ENXIO;
}

static const struct filter missing_filter = {.attach = refuse};

static const struct filter *filter_of(short number) {
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

// The end of every addition and modification: the condition may hold already.
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

// The flags EV_CLEAR, EV_ONESHOT, EV_DISPATCH and EV_RECEIPT stay as they were when the knote was made. So does its being
// disabled, unless the change says EV_ENABLE: EV_ADD alone does not.
static void modify(struct knote *knote, struct kevent *change) {
  if (change->flags & EV_FORCEONESHOT) {
    knote->event.flags |= EV_ONESHOT;
    knote_activate(knote);
  }
  if (change->flags & EV_ENABLE) knote_set_disabled(knote, false);
  if (change->flags & EV_DISABLE) knote_set_disabled(knote, true);
  if (!(change->flags & EV_KEEPUDATA)) knote->event.udata = change->udata;
  if (knote->filter->touch != NULL) {
    knote->filter->touch(knote, change);
  } else {
    knote->given_fflags = change->fflags;
    knote->given_data = change->data;
  }
  look_at_once(knote);
}

static int apply(struct queue *queue, const struct filter *filter, struct kevent *change) {
  if (filter->is_file && (change->ident > INT_MAX || fcntl((int)change->ident, F_GETFD) < 0)) {
    // The knote went when the descriptor was closed.
    struct knote *orphan = knote_find(queue, change->ident, change->filter);
    if (orphan != NULL) knote_drop(orphan, false);
    return EBADF;
  }
  struct knote *knote = knote_find(queue, change->ident, change->filter);
  if (knote != NULL && !knote_is_current(knote)) {
    // It stood for a file that had this number before.
    knote_drop(knote, false);
    knote = NULL;
  }
  if (knote == NULL) return change->flags & EV_ADD ? add(queue, filter, change) : ENOENT;
  if (change->flags & EV_DELETE) {
    knote_drop(knote, true);
  } else {
    modify(knote, change);
  }
  return 0;
}

int change_apply(struct queue *queue, struct kevent *change) {
  const struct filter *filter = filter_of(change->filter);
  const unsigned both = EV_ENABLE | EV_DISABLE;
  if (filter == NULL || (change->flags & both) == both) return EINVAL;
  if ((change->flags & EV_ADD) && (change->flags & EV_KEEPUDATA)) return EINVAL;
  pthread_mutex_lock(&queue->lock);
  int error = apply(queue, filter, change);
  queue_ring(queue);
  pthread_mutex_unlock(&queue->lock);
  return error;
}
#endif
