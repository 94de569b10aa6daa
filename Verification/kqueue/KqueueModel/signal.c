#if defined(__linux__)
// EVFILT_SIGNAL: a signalfd for each. It sees only signals that are blocked in every thread, and takes them.

#define _GNU_SOURCE

#include "internal.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int attach(struct knote *knote) {
  sigset_t set;
  sigemptyset(&set);
  knote->event.flags |= EV_CLEAR;
  // A number that is no signal is accepted, and never heard of.
  if (knote->event.ident > 64 || sigaddset(&set, (int)knote->event.ident) != 0) return 0;
  return source_attach(knote, signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

static bool look(struct knote *knote, bool told) {
  struct signalfd_siginfo information;
  (void)told;
  while (knote->source >= 0 && read(knote->source, &information, sizeof information) > 0) knote->event.data += 1;
  return knote->event.data != 0;
}

const struct filter signal_filter = {.attach = attach, .detach = source_detach, .look = look};
#endif
