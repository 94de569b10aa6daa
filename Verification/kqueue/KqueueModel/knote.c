#if defined(__linux__)
// The knotes, by name (ident and filter) for the user, by serial for epoll; and the delivery list.

#define _GNU_SOURCE

#include "internal.h"

#include <stdatomic.h>
#include <stdlib.h>

static struct knote **by_name(struct queue *queue, uintptr_t ident, short filter) {
  return &queue->by_name[(ident * 31 + (uintptr_t)-filter) % buckets];
}

struct knote *knote_find(struct queue *queue, uintptr_t ident, short filter) {
  struct knote *knote = *by_name(queue, ident, filter);
  while (knote != NULL && (knote->event.ident != ident || knote->event.filter != filter)) knote = knote->next_by_name;
  return knote;
}

struct knote *knote_find_serial(struct queue *queue, uint64_t serial) {
  struct knote *knote = queue->by_serial[serial % buckets];
  while (knote != NULL && knote->serial != serial) knote = knote->next_by_serial;
  return knote;
}

struct knote *knote_make(struct queue *queue, const struct filter *filter, const struct kevent *change) {
  static atomic_uint_fast64_t serials = first_serial;
  struct knote *knote = calloc(1, sizeof *knote);
  if (knote == NULL) return NULL;
  knote->queue = queue;
  knote->filter = filter;
  knote->serial = atomic_fetch_add(&serials, 1);
  knote->source = -1;
  knote->given_fflags = change->fflags;
  knote->given_data = change->data;
  knote->disabled = change->flags & EV_DISABLE;
  knote->event = *change;
  knote->event.flags &= (unsigned short)~(EV_ADD | EV_DELETE | EV_ENABLE | EV_DISABLE | EV_FORCEONESHOT);
  knote->event.fflags = 0;
  knote->event.data = 0;
  struct knote **name = by_name(queue, change->ident, change->filter);
  knote->next_by_name = *name;
  *name = knote;
  struct knote **serial = &queue->by_serial[knote->serial % buckets];
  knote->next_by_serial = *serial;
  *serial = knote;
  return knote;
}

void knote_drop(struct knote *knote, bool detach) {
  if (detach) knote->filter->detach(knote);
  knote_dequeue(knote);
  struct queue *queue = knote->queue;
  struct knote **link = by_name(queue, knote->event.ident, knote->event.filter);
  while (*link != knote) link = &(*link)->next_by_name;
  *link = knote->next_by_name;
  link = &queue->by_serial[knote->serial % buckets];
  while (*link != knote) link = &(*link)->next_by_serial;
  *link = knote->next_by_serial;
  free(knote);
}

void knote_enqueue(struct knote *knote) {
  if (knote->queued) return;
  struct queue *queue = knote->queue;
  knote->queued = true;
  knote->previous = queue->last;
  knote->next = NULL;
  *(queue->last != NULL ? &queue->last->next : &queue->first) = knote;
  queue->last = knote;
  queue->count += 1;
}

void knote_dequeue(struct knote *knote) {
  if (!knote->queued) return;
  struct queue *queue = knote->queue;
  knote->queued = false;
  *(knote->previous != NULL ? &knote->previous->next : &queue->first) = knote->next;
  *(knote->next != NULL ? &knote->next->previous : &queue->last) = knote->previous;
  queue->count -= 1;
}

void knote_activate(struct knote *knote) {
  knote->active = true;
  if (!knote->disabled) knote_enqueue(knote);
}

void knote_set_disabled(struct knote *knote, bool disabled) {
  if (knote->disabled == disabled) return;
  knote->disabled = disabled;
  if (disabled) knote_dequeue(knote);
  if (knote->filter->listen != NULL) knote->filter->listen(knote);
}

bool knote_is_current(struct knote *knote) {
  return !knote->filter->is_file || file_is_current(knote);
}
#endif
