// waitid(2) under strict C.
#define _GNU_SOURCE

#include "CAmyProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t number_of(rlim_t limit) {
  return limit == RLIM_INFINITY ? UINT64_MAX : (uint64_t)limit;
}

struct amy_descriptor_limit amy_descriptor_limit(void) {
  struct rlimit limit = {0, 0};
  getrlimit(RLIMIT_NOFILE, &limit);
  return (struct amy_descriptor_limit){number_of(limit.rlim_cur), number_of(limit.rlim_max)};
}

int amy_open_descriptors(void) {
  int count = 0;
  for (int descriptor = 0; descriptor < 4096; descriptor += 1) {
    if (fcntl(descriptor, F_GETFD) >= 0) count += 1;
  }
  return count;
}

void amy_signal_process(int signal) {
  kill(getpid(), signal);
}

void amy_signal_forget(int signal) {
  sigset_t one, pending;
  int taken;
  sigemptyset(&one);
  sigaddset(&one, signal);
  while (sigpending(&pending) == 0 && sigismember(&pending, signal) == 1) sigwait(&one, &taken);
}

int amy_child_start(int status) {
  static char *const ways[][3] = {{"/bin/true"}, {"/bin/false"}, {"/bin/sleep", "60"}};
  char *const *arguments = ways[status == 0 || status == 1 ? status : 2];
  char *const environment[] = {NULL};
  posix_spawnattr_t attributes;
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child;
  int result = posix_spawn(&child, arguments[0], NULL, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  return result == 0 ? child : -result;
}

void amy_child_kill(int child) {
  kill(child, SIGKILL);
}

void amy_child_wait(int child) {
  siginfo_t info;
  while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {}
}

void amy_child_reap(int child) {
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
}
