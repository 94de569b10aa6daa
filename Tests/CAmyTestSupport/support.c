#define _GNU_SOURCE

#include "CAmyTestSupport.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

#if !defined(MSG_NOSIGNAL)
#define MSG_NOSIGNAL 0
#endif

static void limit_child(void) {
  // Some pools' threads block all signals, and a child inherits its thread's mask.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGALRM);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  signal(SIGALRM, SIG_DFL);
  // Far longer than a child takes on a busy machine.
  alarm(120);
}

int amy_test_wait(int child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static int finish(pid_t child, int (*body)(void *), void *context) {
  if (child < 0) return 100;
  if (child == 0) {
    limit_child();
    _exit(body(context));
  }
  return amy_test_wait(child);
}

int amy_test_fork(void) {
  pid_t child = fork();
  if (child == 0) limit_child();
  return child;
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

int amy_test_limit_memory(long more) {
#if defined(RLIMIT_AS)
  FILE *file = fopen("/proc/self/statm", "r");
  long pages = 0;
  if (file == NULL) return -1;
  int count = fscanf(file, "%ld", &pages);
  fclose(file);
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0) return -1;
  limit.rlim_cur = (rlim_t)(pages * sysconf(_SC_PAGESIZE) + more);
  return count == 1 ? setrlimit(RLIMIT_AS, &limit) : -1;
#else
  (void)more;
  return -1;
#endif
}

void amy_test_park(void) {
  sigset_t none;
  sigemptyset(&none);
  for (;;) sigsuspend(&none);
}

int amy_test_handler(int signal) {
  struct sigaction action;
  sigaction(signal, NULL, &action);
  if (action.sa_handler == SIG_DFL) return 0;
  return action.sa_handler == count ? 1 : 2;
}

#if defined(__GLIBC__)
#include <malloc.h>
#endif

// The sanitizers' allocators have this instead of mallinfo2(3).
extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

size_t amy_test_allocated_bytes(void) {
  if (__sanitizer_get_current_allocated_bytes) return __sanitizer_get_current_allocated_bytes();
#if defined(__GLIBC__)
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

int amy_test_open_terminal(int *master, int *other) {
  *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (*master < 0) return -1;
  struct termios settings;
  const char *name;
  if (grantpt(*master) == 0 && unlockpt(*master) == 0 && (name = ptsname(*master)) != NULL) {
    *other = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*other >= 0) {
      if (tcgetattr(*other, &settings) == 0) {
        cfmakeraw(&settings);
        if (tcsetattr(*other, TCSANOW, &settings) == 0 && fcntl(*master, F_SETFL, O_NONBLOCK) == 0) return 0;
      }
      close(*other);
    }
  }
  close(*master);
  return -1;
}
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// A forked child may start threads.
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) {
  return "die_after_fork=0";
}
#endif
#endif
