#if defined(__linux__)
// The double's own descriptors, for each watched timer, signal and process.

#define _GNU_SOURCE

#include "internal.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

int source_attach(struct knote *knote, int descriptor) {
  if (descriptor < 0) return errno;
  struct epoll_event report = {.events = EPOLLIN | EPOLLET, .data.u64 = knote->serial};
  if (epoll_ctl(knote->queue->number, EPOLL_CTL_ADD, descriptor, &report) != 0) {
    int error = errno;
    close(descriptor);
    return error;
  }
  knote->source = descriptor;
  return 0;
}

// Forked children may have the descriptor open, and a queue that they do not read: so remove it from epoll, too.
void source_detach(struct knote *knote) {
  if (knote->source < 0) return;
  if (!knote->queue->is_closed) epoll_ctl(knote->queue->number, EPOLL_CTL_DEL, knote->source, NULL);
  close(knote->source);
  knote->source = -1;
}
#endif
