// For pidfd_open(2) and waitid(2).
#define _GNU_SOURCE

#include "CAmySignal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

static bool has(uint64_t signals, int number) {
  return signals >> (number - 1) & 1;
}

static sigset_t set_of(uint64_t signals) {
  sigset_t set;
  sigemptyset(&set);
  for (int number = 1; number < NSIG && number <= 64; number += 1) {
    if (has(signals, number)) sigaddset(&set, number);
  }
  return set;
}

void amy_signals_block(uint64_t signals) {
  sigset_t set = set_of(signals);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
}

bool amy_signals_are_blocked(uint64_t signals) {
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, NULL, &blocked);
  for (int number = 1; number < NSIG && number <= 64; number += 1) {
    if (has(signals, number) && !sigismember(&blocked, number)) return false;
  }
  return true;
}

struct amy_child_status amy_child_status(pid_t child) {
  siginfo_t info = {0};
  int result;
  do {
    result = waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT);
  } while (result < 0 && errno == EINTR);
  if (result < 0) return (struct amy_child_status){-errno, 0};
  if (info.si_pid == 0) return (struct amy_child_status){0, 0};
  return (struct amy_child_status){info.si_code == CLD_EXITED ? 1 : 2, info.si_status};
}

#include "CAmyKqueue.h"

#if defined(AMY_HAS_KQUEUE)

// The test double of kqueue(2) is like systems without it, too.
#if __has_include(<KqueueModel.h>)
#include <KqueueModel.h>
#define HAS_SIGTIMEDWAIT kqueue_model_has_sigtimedwait()
#else
#define HAS_SIGTIMEDWAIT true
#define kqueue_model_taking_signals(begins) ((void)0)
#endif

static int add(int queue, uintptr_t ident, int filter, unsigned flags, unsigned fflags, intptr_t data) {
  struct kevent change;
  EV_SET(&change, ident, filter, flags, fflags, data, NULL);
  return kevent(queue, &change, 1, NULL, 0, NULL) < 0 ? -errno : 0;
}

static int close_failed(int queue, int result) {
  close(queue);
  return result;
}

int amy_signals_open(uint64_t signals) {
  int queue = amy_kqueue_create();
  if (queue < 0) return queue;
  for (int number = 1; number < NSIG && number <= 64; number += 1) {
    int result = has(signals, number) ? add(queue, (uintptr_t)number, EVFILT_SIGNAL, EV_ADD, 0, 0) : 0;
    if (result < 0) return close_failed(queue, result);
  }
  return queue;
}

// A blocked signal that kqueue has told stays pending besides: it is taken, so that it ends nobody who unblocks it later. That never
// waits, for another taker may have been faster. See Documentation/decisions/0052-taking-a-pending-signal.md.
static void ignore(int number) {
  (void)number;
}

static void deliver_pending(int number) {
  // Two threads must not exchange one handler at a time. Who comes second leaves the signal to the first.
  static atomic_flag exchanging[65];
  if (number > 64 || atomic_flag_test_and_set(&exchanging[number])) return;
  struct sigaction before, action = {.sa_handler = ignore};
  sigset_t set = set_of(UINT64_C(1) << (number - 1)), mask;
  sigfillset(&action.sa_mask);
  if (sigaction(number, &action, &before) == 0) {
    // Unblocked for an instant, in this thread alone.
    pthread_sigmask(SIG_UNBLOCK, &set, &mask);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    sigaction(number, &before, NULL);
  }
  atomic_flag_clear(&exchanging[number]);
}

static void take_pending(int number) {
  kqueue_model_taking_signals(true);
#if defined(__APPLE__) || defined(__OpenBSD__)
  deliver_pending(number);
#else
  const struct timespec no_time = {0, 0};
  sigset_t set = set_of(UINT64_C(1) << (number - 1));
  if (HAS_SIGTIMEDWAIT) {
    sigtimedwait(&set, NULL, &no_time);
  } else {
    deliver_pending(number);
  }
#endif
  kqueue_model_taking_signals(false);
}

int amy_signals_next(int queue) {
  struct kevent event;
  const struct timespec now = {0, 0};
  int count = kevent(queue, NULL, 0, &event, 1, &now);
  if (count < 0) return -errno;
  if (count == 0) return -EAGAIN;
  take_pending((int)event.ident);
  return (int)event.ident;
}

int amy_child_open(pid_t child) {
  int queue = amy_kqueue_create();
  if (queue < 0) return queue;
  int result = add(queue, (uintptr_t)child, EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0);
  struct amy_child_status status = amy_child_status(child);
  if (status.how < 0) return close_failed(queue, status.how);
  if (result == -ESRCH && status.how > 0) {
    // It has ended, and the kernel does not watch what has: a timer makes the queue readable in its place. Of a millisecond, since
    // NetBSD refuses one of no time.
    result = add(queue, 0, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0, 1);
  }
  return result < 0 ? close_failed(queue, result) : queue;
}

#elif defined(__linux__)

#include <sys/signalfd.h>
#include <sys/syscall.h>

// The number is the same on every architecture.
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

int amy_signals_open(uint64_t signals) {
  sigset_t set = set_of(signals);
  int descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return descriptor >= 0 ? descriptor : -errno;
}

int amy_signals_next(int descriptor) {
  struct signalfd_siginfo info;
  ssize_t count = read(descriptor, &info, sizeof info);
  if (count < 0) return -errno;
  return count == (ssize_t)sizeof info ? (int)info.ssi_signo : -EAGAIN;
}

int amy_child_open(pid_t child) {
  struct amy_child_status status = amy_child_status(child);
  if (status.how < 0) return status.how;
  // Close-on-exec by itself.
  int descriptor = (int)syscall(SYS_pidfd_open, child, 0);
  return descriptor >= 0 ? descriptor : -errno;
}

#endif
