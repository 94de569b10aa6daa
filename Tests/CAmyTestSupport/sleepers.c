// Each system reports sleeping threads in its own way.

#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "CAmyTestSupport.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

static bool begins(const char *name, const char *prefix) {
  return strncmp(name, prefix, strlen(prefix)) == 0;
}

#if defined(__linux__)

#include <dirent.h>
#include <stdio.h>

static bool is_asleep(const char *thread, const char *prefix) {
  char path[64], line[512] = {0};
  snprintf(path, sizeof path, "/proc/self/task/%.20s/stat", thread);
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  size_t size = fread(line, 1, sizeof line - 1, file);
  fclose(file);
  line[size] = 0;
  // The number, the name in parentheses, the state.
  char *name = strchr(line, '('), *end = strrchr(line, ')');
  return name != NULL && end != NULL && begins(name + 1, prefix) && strncmp(end, ") S ", 4) == 0;
}

static int sleepers(const char *prefix) {
  int count = 0;
  DIR *folder = opendir("/proc/self/task");
  if (folder == NULL) return 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) count += is_asleep(entry->d_name, prefix);
  closedir(folder);
  return count;
}

#elif defined(__APPLE__)

#include <libproc.h>
#include <mach/thread_info.h>
#include <stdint.h>

static int sleepers(const char *prefix) {
  uint64_t threads[1024];
  int count = 0, size = proc_pidinfo(getpid(), PROC_PIDLISTTHREADS, 0, threads, sizeof threads);
  for (int index = 0; index < size / (int)sizeof *threads; index += 1) {
    struct proc_threadinfo info;
    if (proc_pidinfo(getpid(), PROC_PIDTHREADINFO, threads[index], &info, sizeof info) != (int)sizeof info) continue;
    count += info.pth_run_state == TH_STATE_WAITING && begins(info.pth_name, prefix);
  }
  return count;
}

#elif defined(__FreeBSD__)

#include <sys/param.h>
#include <sys/sysctl.h>
#include <sys/user.h>

static int sleepers(const char *prefix) {
  static struct kinfo_proc threads[1024];
  int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID | KERN_PROC_INC_THREAD, getpid()}, count = 0;
  size_t size = sizeof threads;
  if (sysctl(name, 4, threads, &size, NULL, 0) != 0) return 0;
  for (size_t index = 0; index < size / sizeof *threads; index += 1) {
    count += threads[index].ki_stat == SSLEEP && begins(threads[index].ki_tdname, prefix);
  }
  return count;
}

#elif defined(__OpenBSD__)

#include <sys/param.h>
#include <sys/proc.h>
#include <sys/sysctl.h>

static int sleepers(const char *prefix) {
  static struct kinfo_proc threads[1024];
  const size_t each = sizeof *threads;
  int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID | KERN_PROC_SHOW_THREADS, getpid(), (int)each, 1024}, count = 0;
  size_t size = sizeof threads;
  if (sysctl(name, 6, threads, &size, NULL, 0) != 0) return 0;
  for (size_t index = 0; index < size / each; index += 1) {
    count += threads[index].p_stat == SSLEEP && begins(threads[index].p_name, prefix);
  }
  return count;
}

#else
#error "how does this system tell which threads sleep?"
#endif

void amy_test_wait_for_sleepers(int count, const char *prefix) {
  // Seen asleep once, a thread may still be on its way to its long sleep.
  for (int seen = 0; seen < 3;) {
    seen = sleepers(prefix) >= count ? seen + 1 : 0;
    if (seen == 0) usleep(1000);
  }
}
