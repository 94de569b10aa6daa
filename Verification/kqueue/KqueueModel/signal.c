#if defined(__linux__)
// EVFILT_SIGNAL: a signalfd for each, which reports only signals blocked in every thread.
//
// A kernel counts a signal when it is sent, in each queue, and leaves it pending: delivering takes nothing. A signal that this
// process sends itself with kill(2) is counted likewise, and sent with a mark. A signal from others is noticed by a signalfd,
// which takes it to read it: so it is sent again, with the mark, and not counted twice. From then on the knote is held: it does
// not listen to its signalfd until a check finds the signal taken.

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

// How many of each signal have arrived in the process.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t posted[most_signals + 1];

// The mark, for the process, and for the thread that reads it.
static const uintptr_t to_process = 0x6b715f70, to_thread = 0x6b715f74;

static void enter(void) {
  locks_held += 1;
  pthread_mutex_lock(&lock);
}

static void leave(void) {
  pthread_mutex_unlock(&lock);
  locks_held -= 1;
}

void signals_start_afresh(void) {
  pthread_mutex_init(&lock, NULL);
}

void kqueue_model_taking_signals(bool begins) {
  if (begins) {
    enter();
  } else {
    leave();
  }
}

static bool send_marked(int number, uintptr_t mark) {
  siginfo_t info = {.si_signo = number, .si_code = SI_QUEUE};
  info.si_value.sival_ptr = (void *)mark;
  if (mark == to_thread) {
    return syscall(SYS_rt_tgsigqueueinfo, getpid(), (pid_t)syscall(SYS_gettid), number, &info) == 0;
  }
  return syscall(SYS_rt_sigqueueinfo, getpid(), number, &info) == 0;
}

static uint_fast64_t set_of(uintptr_t number) {
  return number > 0 && number <= most_signals ? UINT64_C(1) << (number - 1) : 0;
}

static bool watches_signal(struct queue *queue, int number) {
  return queue->signal_set & set_of((uintptr_t)number);
}

static bool count_and_send(int number) {
  enter();
  bool is_sent = send_marked(number, to_process);
  posted[number] += is_sent;
  leave();
  if (is_sent) queues_knock(watches_signal, number);
  return is_sent;
}

// Replaces the C library's function. A handler may have interrupted anything: its signal is treated like one from others.
int kill(pid_t process, int number) {
  bool is_own = process == getpid() && set_of((uintptr_t)number) != 0;
  if (is_own && locks_held == 0 && count_and_send(number)) return 0;
  return (int)syscall(SYS_kill, process, number);
}

static void listen_or_hold(struct knote *knote, bool holds) {
  if (knote->is_held == holds) return;
  knote->is_held = holds;
  struct epoll_event report = {.events = holds ? 0 : EPOLLIN | EPOLLET, .data.u64 = knote->serial};
  epoll_ctl(knote->queue->number, EPOLL_CTL_MOD, knote->source, &report);
}

// Merges signals that are pending twice, as a kernel: Linux queues real-time signals, which would add up.
static void read_all(struct knote *knote) {
  struct signalfd_siginfo information[most_signals];
  bool is_pending = false, is_pending_here = false;
  int count;
  enter();
  do {
    ssize_t size = read(knote->source, information, sizeof information);
    count = size > 0 ? (int)((size_t)size / sizeof *information) : 0;
    for (int index = 0; index < count; index += 1) {
      const struct signalfd_siginfo *one = &information[index];
      bool is_marked = one->ssi_code == SI_QUEUE && (one->ssi_ptr == to_process || one->ssi_ptr == to_thread);
      if (!is_marked) posted[knote->event.ident] += 1;
      // pthread_kill(3) was directed at this very thread: otherwise it could not read the signal.
      bool is_here = is_marked ? one->ssi_ptr == to_thread : one->ssi_code == SI_TKILL;
      *(is_here ? &is_pending_here : &is_pending) = true;
    }
  } while (count == most_signals);
  if (is_pending) send_marked((int)knote->event.ident, to_process);
  if (is_pending_here) send_marked((int)knote->event.ident, to_thread);
  knote->event.data += (int64_t)(posted[knote->event.ident] - knote->counted);
  knote->counted = posted[knote->event.ident];
  leave();
  listen_or_hold(knote, is_pending || is_pending_here);
}

static int attach(struct knote *knote) {
  sigset_t set;
  sigemptyset(&set);
  knote->event.flags |= EV_CLEAR;
  // A number that is no signal is accepted and never reported, or refused.
  if (knote->event.ident > most_signals || sigaddset(&set, (int)knote->event.ident) != 0) {
    return knote->queue->profile->refuses_other_signals ? EINVAL : 0;
  }
  int error = source_attach(knote, signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (error == 0) error = queue_open_knock(knote->queue);
  if (error != 0) {
    source_detach(knote);
    return error;
  }
  enter();
  knote->counted = posted[knote->event.ident];
  leave();
  knote->queue->signal_set |= set_of(knote->event.ident);
  knote->next_signal = knote->queue->signals;
  knote->queue->signals = knote;
  return 0;
}

static void detach(struct knote *knote) {
  struct knote **link = &knote->queue->signals;
  while (*link != NULL && *link != knote) link = &(*link)->next_signal;
  if (*link != NULL) *link = knote->next_signal;
  knote->queue->signal_set &= ~set_of(knote->event.ident);
  source_detach(knote);
}

static bool look(struct knote *knote, bool told) {
  (void)told;
  if (knote->source >= 0 && !knote->is_held) read_all(knote);
  return knote->event.data != 0;
}

// A held signal may have been taken, and one that another queue read must be delivered here as well.
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
#endif
