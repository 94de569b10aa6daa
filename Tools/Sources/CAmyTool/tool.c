// lstat(2) and S_ISSOCK under strict C.
#define _GNU_SOURCE

#include "CAmyTool.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int amy_tool_limit_descriptors(uint64_t soft) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
  limit.rlim_cur = soft == UINT64_MAX ? RLIM_INFINITY : (rlim_t)soft;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? 0 : -errno;
}

bool amy_tool_is_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

int amy_tool_remove_socket(const char *path) {
  struct stat status;
  if (lstat(path, &status) != 0) return -errno;
  if (!S_ISSOCK(status.st_mode)) return -ENOTSOCK;
  return unlink(path) == 0 ? 0 : -errno;
}

int amy_tool_ask_child(bool (*question)(void *), void *context) {
  pid_t child = fork();
  if (child < 0) return -errno;
  if (child == 0) _exit(question(context) ? 0 : 1);
  int status;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -errno;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
