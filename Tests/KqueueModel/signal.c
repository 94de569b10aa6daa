// EVFILT_SIGNAL: a signalfd for each. It hears only of signals that are blocked in every thread.
//
// A kernel counts a signal as it is sent, in each queue, and leaves it pending: telling it takes nothing. A signalfd can only be
// read by taking, so what was read is sent again, with a mark, and is not counted a second time. From then on the knote is held:
// it does not listen, until a look finds that the signal was taken.

#define _GNU_SOURCE

#include "KqueueModel.h"
#include "internal.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { most_signals = 64 };

// For the process: how many of each have come.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t posted[most_signals + 1];

// The mark: for the process, and for the thread that reads it.
static const uintptr_t to_process = 0x6b715f70, to_thread = 0x6b715f74;

void kqueue_model_taking_signals(bool begins) {
  if (begins) {
    pthread_mutex_lock(&lock);
  } else {
    pthread_mutex_unlock(&lock);
  }
}

static void send_again(int number, uintptr_t mark) {
  siginfo_t info = {.si_signo = number, .si_code = SI_QUEUE};
  info.si_value.sival_ptr = (void *)mark;
  if (mark == to_thread) {
    syscall(SYS_rt_tgsigqueueinfo, getpid(), (pid_t)syscall(SYS_gettid), number, &info);
  } else {
    syscall(SYS_rt_sigqueueinfo, getpid(), number, &info);
  }
}

static void listen_or_hold(struct knote *knote, bool holds) {
  if (knote->is_held == holds) return;
  knote->is_held = holds;
  struct epoll_event report = {.events = holds ? 0 : EPOLLIN | EPOLLET, .data.u64 = knote->serial};
  epoll_ctl(knote->queue->number, EPOLL_CTL_MOD, knote->source, &report);
}

// What is pending twice is merged, as by a kernel: Linux queues real-time signals, and they would add up.
static void read_all(struct knote *knote) {
  struct signalfd_siginfo information[most_signals];
  bool is_pending = false, is_pending_here = false;
  int count;
  pthread_mutex_lock(&lock);
  do {
    ssize_t size = read(knote->source, information, sizeof information);
    count = size > 0 ? (int)((size_t)size / sizeof *information) : 0;
    for (int index = 0; index < count; index += 1) {
      const struct signalfd_siginfo *one = &information[index];
      bool is_marked = one->ssi_code == SI_QUEUE && (one->ssi_ptr == to_process || one->ssi_ptr == to_thread);
      if (!is_marked) posted[knote->event.ident] += 1;
      // pthread_kill(3) was to this very thread, else it could not be read here.
      bool is_here = is_marked ? one->ssi_ptr == to_thread : one->ssi_code == SI_TKILL;
      *(is_here ? &is_pending_here : &is_pending) = true;
    }
  } while (count == most_signals);
  if (is_pending) send_again((int)knote->event.ident, to_process);
  if (is_pending_here) send_again((int)knote->event.ident, to_thread);
  knote->event.data += (int64_t)(posted[knote->event.ident] - knote->counted);
  knote->counted = posted[knote->event.ident];
  pthread_mutex_unlock(&lock);
  listen_or_hold(knote, is_pending || is_pending_here);
}

static int attach(struct knote *knote) {
  sigset_t set;
  sigemptyset(&set);
  knote->event.flags |= EV_CLEAR;
  // A number that is no signal is accepted, and never heard of; or not.
  if (knote->event.ident > most_signals || sigaddset(&set, (int)knote->event.ident) != 0) {
    return knote->queue->profile->refuses_other_signals ? EINVAL : 0;
  }
  int error = source_attach(knote, signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (error != 0) return error;
  pthread_mutex_lock(&lock);
  knote->counted = posted[knote->event.ident];
  pthread_mutex_unlock(&lock);
  knote->next_signal = knote->queue->signals;
  knote->queue->signals = knote;
  return 0;
}

static void detach(struct knote *knote) {
  struct knote **link = &knote->queue->signals;
  while (*link != NULL && *link != knote) link = &(*link)->next_signal;
  if (*link != NULL) *link = knote->next_signal;
  source_detach(knote);
}

static bool look(struct knote *knote, bool told) {
  (void)told;
  if (knote->source >= 0 && !knote->is_held) read_all(knote);
  return knote->event.data != 0;
}

// What is held may have been taken, and what another queue read is to be told here as well.
void signals_look(struct queue *queue) {
  for (struct knote *knote = queue->signals; knote != NULL; knote = knote->next_signal) {
    read_all(knote);
    if (knote->event.data != 0) knote_activate(knote);
  }
}

void signals_look_elsewhere(int number) {
  struct queue *queue = queue_acquire(number);
  if (queue == NULL) return;
  if (queue->signals != NULL && pthread_mutex_trylock(&queue->lock) == 0) {
    signals_look(queue);
    queue_ring(queue);
    pthread_mutex_unlock(&queue->lock);
  }
  queue_release(queue);
}

const struct filter signal_filter = {.attach = attach, .detach = detach, .look = look};
