// For pidfd_open(2) and waitid(2).
#define _GNU_SOURCE

#include "CAmyDescriptor.h"
#include "CAmyKqueue.h"
#include "CAmySignal.h"
#include "page.h"

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

static uint64_t bits_of(const sigset_t *set) {
  uint64_t signals = 0;
  for (int number = 1; number < NSIG && number <= 64; number += 1) {
    if (sigismember(set, number) == 1) signals |= UINT64_C(1) << (number - 1);
  }
  return signals;
}

// What a thread does causes these: nothing may continue as if it had not happened.
static bool is_fault(int number) {
  switch (number) {
  case SIGSEGV:
  case SIGBUS:
  case SIGFPE:
  case SIGILL:
  case SIGTRAP:
  case SIGSYS:
  case SIGABRT: return true;
  default: return false;
  }
}

uint64_t amy_signals_possible(void) {
  sigset_t set;
  // All except those that the C library keeps for itself.
  sigfillset(&set);
  sigdelset(&set, SIGKILL);
  sigdelset(&set, SIGSTOP);
  return bits_of(&set);
}

void amy_signals_block(uint64_t signals) {
  sigset_t set = set_of(signals);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
}

uint64_t amy_signals_unblock(uint64_t signals) {
  sigset_t set = set_of(signals), before;
  pthread_sigmask(SIG_UNBLOCK, &set, &before);
  return signals & bits_of(&before);
}

bool amy_signals_are_blocked(uint64_t signals) {
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, NULL, &blocked);
  return (signals & ~bits_of(&blocked)) == 0;
}

// Owners.

uint64_t amy_signals_pass(uintptr_t detector, uint64_t signals, uint64_t from, uint64_t to) {
  struct amy_page *page = (struct amy_page *)detector;
  uint64_t passed = 0;
  for (int index = 0; index < 64; index += 1) {
    uint64_t owner = from;
    if (!has(signals, index + 1) || !atomic_compare_exchange_strong(&page->claims[index], &owner, to)) continue;
    passed |= UINT64_C(1) << index;
  }
  return passed;
}

// The handler: async-signal-safe, see signal-safety(7).

static bool is_owned(int number) {
  struct amy_page *page = amy_current_page();
  return page != NULL && page->is_here == 1 && atomic_load(&page->claims[number - 1]) != 0;
}

#if !defined(AMY_HAS_KQUEUE)
static void keep(int number) {
  struct amy_page *page = amy_current_page();
  const uint64_t one = 1;
  atomic_fetch_or(&page->caught, UINT64_C(1) << (number - 1));
  int waker = atomic_load(&page->waker);
  // This fails only after 2^64 - 2 signals.
  if (waker > 0 && write(waker - 1, &one, sizeof one) < 0) return;
}
#else
// kqueue counts each signal, whatever happens to it.
static void keep(int number) {
  (void)number;
}
#endif

static void handle(int number);

static bool is_ours(int number) {
  struct sigaction present;
  return sigaction(number, NULL, &present) == 0 && !(present.sa_flags & SA_SIGINFO) && present.sa_handler == handle;
}

static void install(int number, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = handler == SIG_DFL ? 0 : SA_RESTART | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

static void handle(int number) {
  int error = errno;
  if (is_owned(number)) {
    keep(number);
  } else if (is_ours(number)) {
    // It has no owner any more, or this is a forked child.
    install(number, SIG_DFL);
    if (is_owned(number)) {
      // It has an owner by now. A later owner has seen that the handler was gone.
      install(number, handle);
      keep(number);
    } else {
      // Delivered when this handler returns, or to another thread, or kept where all threads block it.
      kill(getpid(), number);
    }
  }
  errno = error;
}

void amy_signals_catch(uint64_t signals) {
  for (int number = 1; number < NSIG && number <= 64; number += 1) {
    struct sigaction present;
    if (!has(signals, number) || is_fault(number) || sigaction(number, NULL, &present) != 0) continue;
    if (!(present.sa_flags & SA_SIGINFO) && present.sa_handler == SIG_DFL) install(number, handle);
  }
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

#if defined(AMY_HAS_KQUEUE)

// The test double can also be like systems without it.
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
  amy_close(queue);
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

// A blocked signal that kqueue has reported stays pending as well, and would end a program that unblocks it later: so take it
// here. This never waits, since another taker may have been faster. See
// Documentation/decisions/0052-taking-a-pending-signal.md.
static void ignore(int number) {
  (void)number;
}

static void deliver_pending(int number) {
  // Two threads must not exchange one handler at a time: the second leaves the signal to the first.
  static atomic_flag exchanging[65];
  if (number > 64 || atomic_flag_test_and_set(&exchanging[number])) return;
  struct sigaction before, action = {.sa_handler = ignore};
  sigset_t set = set_of(UINT64_C(1) << (number - 1)), mask;
  sigfillset(&action.sa_mask);
  if (sigaction(number, &action, &before) == 0) {
    // In this thread alone.
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

int amy_signals_open_caught(uintptr_t detector) {
  (void)detector;
  return 0;
}

int amy_signals_next_caught(uintptr_t detector, uint64_t signals) {
  (void)detector, (void)signals;
  return -EAGAIN;
}

int amy_child_open(pid_t child) {
  int queue = amy_kqueue_create();
  if (queue < 0) return queue;
  int result = add(queue, (uintptr_t)child, EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0);
  struct amy_child_status status = amy_child_status(child);
  if (status.how < 0) return close_failed(queue, status.how);
  if (result == -ESRCH && status.how > 0) {
    // The child has ended, and the kernel does not watch ended processes: a timer makes the queue readable, after a
    // millisecond, since NetBSD refuses a span of zero.
    result = add(queue, 0, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0, 1);
  }
  return result < 0 ? close_failed(queue, result) : queue;
}

#elif defined(__linux__)

#include <sys/eventfd.h>
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

int amy_signals_open_caught(uintptr_t detector) {
  struct amy_page *page = (struct amy_page *)detector;
  int waker = atomic_load(&page->waker);
  if (waker == 0) {
    int fresh = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fresh < 0) return -errno;
    if (atomic_compare_exchange_strong(&page->waker, &waker, fresh + 1)) {
      waker = fresh + 1;
    } else {
      // Another thread was first.
      amy_close(fresh);
    }
  }
  int descriptor = fcntl(waker - 1, F_DUPFD_CLOEXEC, 3);
  return descriptor >= 0 ? descriptor : -errno;
}

int amy_signals_next_caught(uintptr_t detector, uint64_t signals) {
  struct amy_page *page = (struct amy_page *)detector;
  uint64_t caught = atomic_load(&page->caught);
  while ((caught & signals) != 0) {
    int index = __builtin_ctzll(caught & signals);
    if (atomic_compare_exchange_weak(&page->caught, &caught, caught & ~(UINT64_C(1) << index))) return index + 1;
  }
  return -EAGAIN;
}

int amy_child_open(pid_t child) {
  struct amy_child_status status = amy_child_status(child);
  if (status.how < 0) return status.how;
  // Close-on-exec by itself.
  int descriptor = (int)syscall(SYS_pidfd_open, child, 0);
  return descriptor >= 0 ? descriptor : -errno;
}

#endif
