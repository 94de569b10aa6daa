#if defined(__linux__)
// EVFILT_PROC, NOTE_EXIT: a pidfd for each.

#define _GNU_SOURCE

#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The same on every architecture: newer calls share one table.
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
enum { by_descriptor = 3 };

static bool has_exited(int process) {
  struct pollfd descriptor = {.fd = process, .events = POLLIN};
  return poll(&descriptor, 1, 0) == 1;
}

static int attach(struct knote *knote) {
  if (knote->event.ident == 0 || knote->event.ident > INT_MAX) return ESRCH;
  int process = (int)syscall(SYS_pidfd_open, (pid_t)knote->event.ident, 0);
  if (process < 0) return errno == EINVAL ? ESRCH : errno;
  bool is_watched = knote->queue->profile->watches_zombies && knote->given_fflags & NOTE_EXIT;
  if (has_exited(process) && !is_watched) {
    close(process);
    return ESRCH;
  }
  knote->event.flags |= EV_CLEAR;
  return source_attach(knote, process);
}

// As from wait(2), without reaping. Linux reports nothing for a process that is not a child.
static int64_t status_of(int process) {
  siginfo_t information = {0};
  if (waitid((idtype_t)by_descriptor, (id_t)process, &information, WEXITED | WNOWAIT | WNOHANG) != 0) return 0;
  switch (information.si_code) {
  case CLD_EXITED: return (information.si_status & 0xff) << 8;
  case CLD_DUMPED: return information.si_status | 0x80;
  default: return information.si_status;
  }
}

static bool look(struct knote *knote, bool told) {
  (void)told;
  if (knote->source >= 0 && has_exited(knote->source)) {
    knote->event.flags |= EV_EOF | EV_ONESHOT;
    if (knote->given_fflags & NOTE_EXIT) {
      knote->event.fflags |= NOTE_EXIT;
      knote->event.data = status_of(knote->source);
    } else {
      knote->dropping = true;
    }
    // It exits once.
    source_detach(knote);
    return true;
  }
  return knote->event.fflags != 0;
}

const struct filter process_filter = {.attach = attach, .detach = source_detach, .look = look};
#endif
