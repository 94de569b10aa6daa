#if __has_include("KqueueModel.h")
#define _GNU_SOURCE

#include "CKqueueModelTests.h"

#include "KqueueModel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/event.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int in_child(int (*body)(const int *), const int *arguments) {
  pid_t child = fork();
  if (child < 0) return 100;
  if (child == 0) {
    // The parent's thread may block all signals, even the one that ends a hang.
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    alarm(30);
    _exit(body(arguments));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static int apply(int queue, int ident, short filter, unsigned short flags, int data) {
  struct kevent change;
  EV_SET(&change, (uintptr_t)ident, filter, flags, 0, data, NULL);
  return kevent(queue, &change, 1, NULL, 0, NULL) == 0 ? 0 : errno;
}

static int events(int queue) {
  struct kevent events[8];
  return kevent(queue, NULL, 0, events, 8, &(struct timespec){.tv_sec = 5});
}

static int forked(const int *arguments) {
  int queue = arguments[0], descriptor = arguments[1];
  if (apply(queue, descriptor, EVFILT_READ, EV_DELETE, 0) != EBADF) return 1;
  if (fcntl(queue, F_GETFD) >= 0) return 2;
  int other = kqueue();
  if (other < 0) return 3;
  if (apply(other, descriptor, EVFILT_READ, EV_ADD, 0) != 0) return 4;
  if (apply(other, 1, EVFILT_TIMER, EV_ADD, 1) != 0) return 5;
  return events(other) == 1 ? 0 : 6;
}

int kqueue_model_test_forked(int queue, int descriptor) {
  return in_child(forked, (const int[]){queue, descriptor});
}

static int open_descriptors(void) {
  int count = 0;
  for (int number = 0; number < 1024; number += 1) count += fcntl(number, F_GETFD) >= 0;
  return count;
}

static int use_one(void) {
  int pair[2], queue = kqueue();
  if (queue < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return 1;
  if (apply(queue, pair[0], EVFILT_WRITE, EV_ADD, 0) != 0) return 2;
  if (apply(queue, 1, EVFILT_TIMER, EV_ADD, 60000) != 0) return 3;
  if (apply(queue, getpid(), EVFILT_PROC, EV_ADD, 0) != 0) return 4;
  if (apply(queue, SIGUSR1, EVFILT_SIGNAL, EV_ADD, 0) != 0) return 5;
  if (events(queue) != 1) return 6;
  close(queue);
  close(pair[0]);
  close(pair[1]);
  return 0;
}

static int leaks(const int *arguments) {
  (void)arguments;
  kqueue_model_collect();
  int before = open_descriptors();
  for (int count = 0; count < 2000; count += 1) {
    int step = use_one();
    if (step != 0) return step;
  }
  // Until collection, the last queue's descriptors are left.
  if (open_descriptors() > before + 5) return 7;
  kqueue_model_collect();
  return open_descriptors() == before ? 0 : 8;
}

int kqueue_model_test_leaks(void) {
  return in_child(leaks, NULL);
}

static int exhausted(const int *arguments) {
  (void)arguments;
  int queue = kqueue();
  if (queue < 0) return 1;
  // Room for two more, whatever this copy has.
  const int lowest = dup(0);
  close(lowest);
  struct rlimit limit = {(rlim_t)lowest + 2, (rlim_t)lowest + 2};
  setrlimit(RLIMIT_NOFILE, &limit);
  int last = -1;
  for (int number; (number = dup(0)) >= 0;) last = number;
  if (kqueue() >= 0 || errno != EMFILE) return 2;
  if (apply(queue, 1, EVFILT_TIMER, EV_ADD, 1) != EMFILE) return 3;
  if (apply(queue, 1, EVFILT_USER, EV_ADD, 1) != 0) return 4;
  close(last);
  return apply(queue, 1, EVFILT_TIMER, EV_ADD, 1) == 0 ? 0 : 5;
}

int kqueue_model_test_exhausted(void) {
  return in_child(exhausted, NULL);
}

static bool is_readable(int queue) {
  struct pollfd descriptor = {.fd = queue, .events = POLLIN};
  return poll(&descriptor, 1, 0) == 1;
}

// Sends the signal once, twice, three times, without taking it.
static int count_pending(int queue, int outer, int signal) {
  struct kevent event;
  const struct timespec now = {0, 0};
  if (is_readable(queue)) return 3;
  for (int times = 1; times <= 3; times += 1) {
    for (int sent = 0; sent < times; sent += 1) kill(getpid(), signal);
    if (!is_readable(outer) || kevent(outer, NULL, 0, &event, 1, &now) != 1) return 4;
    if (kevent(queue, NULL, 0, &event, 1, &now) != 1 || event.data != times) return 5;
    if (kevent(queue, NULL, 0, &event, 1, &now) != 0 || is_readable(queue)) return 6;
  }
  return 0;
}

static int pending(const int *arguments) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, arguments[0]);
  sigprocmask(SIG_BLOCK, &set, NULL);
  // Pending when the second queue is made, which does not report it.
  for (int round = 0; round < 2; round += 1) {
    int queue = kqueue(), outer = kqueue();
    if (apply(queue, arguments[0], EVFILT_SIGNAL, EV_ADD, 0) != 0) return 1;
    if (apply(outer, queue, EVFILT_READ, EV_ADD | EV_CLEAR, 0) != 0) return 2;
    int step = count_pending(queue, outer, arguments[0]);
    if (step != 0) return step;
  }
  return 0;
}

int kqueue_model_test_pending(int signal) {
  return in_child(pending, &signal);
}
#endif
