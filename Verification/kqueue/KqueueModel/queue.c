#if defined(__linux__)
// A queue's own descriptors: see internal.h.

#define _GNU_SOURCE

#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct queue *queue_make(int waker) {
  struct queue *queue = calloc(1, sizeof *queue);
  if (queue == NULL) return NULL;
  queue->writers = -1;
  queue->knock = -1;
  queue->waker = waker;
  queue->profile = profile_now();
  queue->number = epoll_create1(queue->profile->is_close_on_exec ? EPOLL_CLOEXEC : 0);
  struct epoll_event event = {.events = 0, .data.u64 = serial_bell};
  if (queue->number < 0 || epoll_ctl(queue->number, EPOLL_CTL_ADD, waker, &event) != 0) {
    int error = errno;
    if (queue->number >= 0) close(queue->number);
    free(queue);
    errno = error;
    return NULL;
  }
  pthread_mutex_init(&queue->lock, NULL);
  return queue;
}

// The user has already closed its number.
void queue_free(struct queue *queue) {
  for (int bucket = 0; bucket < buckets; bucket += 1) {
    while (queue->by_serial[bucket] != NULL) {
      struct knote *knote = queue->by_serial[bucket];
      // Watched descriptors disappear with the epoll instances.
      knote_drop(knote, !knote->filter->is_file);
    }
  }
  if (queue->writers >= 0) close(queue->writers);
  if (queue->knock >= 0) close(queue->knock);
  pthread_mutex_destroy(&queue->lock);
  free(queue);
}

int queue_open_knock(struct queue *queue) {
  if (queue->knock >= 0) return 0;
  int knock = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (knock < 0) return errno;
  // Edge-triggered: it need not be read.
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = serial_knock};
  if (epoll_ctl(queue->number, EPOLL_CTL_ADD, knock, &event) != 0) {
    int error = errno;
    close(knock);
    return error;
  }
  queue->knock = knock;
  return 0;
}

int queue_listener(struct queue *queue, short filter) {
  if (filter == EVFILT_READ) return queue->number;
  if (queue->writers >= 0) return queue->writers;
  int refusal = queue_open_knock(queue);
  if (refusal != 0) {
    errno = refusal;
    return -1;
  }
  int writers = epoll_create1(EPOLL_CLOEXEC);
  if (writers < 0) return -1;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = serial_writers};
  if (epoll_ctl(queue->number, EPOLL_CTL_ADD, writers, &event) != 0) {
    int error = errno;
    close(writers);
    errno = error;
    return -1;
  }
  queue->writers = writers;
  return writers;
}

void queue_ring(struct queue *queue) {
  bool rings = queue->count > 0;
  if (rings == queue->rings) return;
  queue->rings = rings;
  struct epoll_event event = {.events = rings ? EPOLLIN : 0, .data.u64 = serial_bell};
  epoll_ctl(queue->number, EPOLL_CTL_MOD, queue->waker, &event);
}
#endif
