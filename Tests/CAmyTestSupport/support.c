#define _GNU_SOURCE

#include "CAmyTestSupport.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

#if !defined(MSG_NOSIGNAL)
#define MSG_NOSIGNAL 0
#endif

static int finish(pid_t child, int (*body)(void *), void *context) {
  if (child < 0) return 100;
  if (child == 0) {
    // Threads of some pools have all signals blocked, and a child takes after its thread.
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    signal(SIGALRM, SIG_DFL);
    alarm(30);
    _exit(body(context));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

int amy_test_in_child(int (*body)(void *), void *context) {
  return finish(fork(), body, context);
}

int amy_test_in_cloned_child(int (*body)(void *), void *context) {
#if defined(__linux__)
  return finish((pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL), body, context);
#else
  return finish(-1, body, context);
#endif
}

pid_t amy_test_spawn_reader(int *input) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[0], STDIN_FILENO);
    execl("/bin/sh", "sh", "-c", "read line", (char *)NULL);
    _exit(127);
  }
  close(ends[0]);
  *input = ends[1];
  return child;
}

pid_t amy_test_reap(pid_t child) {
  int status;
  return waitpid(child, &status, 0);
}

int amy_test_closes_on_exec(int descriptor) {
  int flags = fcntl(descriptor, F_GETFD);
  return flags < 0 ? -1 : (flags & FD_CLOEXEC) != 0;
}

int amy_test_send_urgent(int descriptor) {
  return send(descriptor, "!", 1, MSG_OOB | MSG_NOSIGNAL) == 1 ? 0 : -1;
}

static atomic_int handled;

static void count(int signal) {
  (void)signal;
  atomic_fetch_add(&handled, 1);
}

void amy_test_handle(int signal) {
  struct sigaction action = {.sa_handler = count};
  sigaction(signal, &action, NULL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int amy_test_handled(void) {
  return atomic_load(&handled);
}

int amy_test_reset_on_close(int descriptor) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  return setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

bool amy_test_becomes_readable(int descriptor, int milliseconds) {
  struct pollfd watched = {.fd = descriptor, .events = POLLIN};
  return poll(&watched, 1, milliseconds) == 1;
}

bool amy_test_is_readable(int descriptor) {
  struct pollfd entry = {.fd = descriptor, .events = POLLIN};
  return poll(&entry, 1, 0) == 1 && entry.revents & POLLIN;
}
