#if defined(__linux__)
// Descriptors of the double's own, one for each timer, signal and process that is watched.

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

// Nobody else has the descriptor open but forked children, and a queue that nobody reads: so it is taken out, too.
void source_detach(struct knote *knote) {
  if (knote->source < 0) return;
  if (!knote->queue->is_closed) epoll_ctl(knote->queue->number, EPOLL_CTL_DEL, knote->source, NULL);
  close(knote->source);
  knote->source = -1;
}
#endif
