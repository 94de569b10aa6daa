// What only Linux has for a thread: its processors and its timer slack.

// sched_setaffinity(2).
#define _GNU_SOURCE

#include "CAmyThread.h"

#include <errno.h>
#include <string.h>

#if defined(__linux__)

#include <sched.h>
#include <sys/prctl.h>

// The caller has room for every kernel's set.
_Static_assert(sizeof(unsigned long) == sizeof(uint64_t), "the kernel's words are those of Swift");

int amy_thread_processors(uint64_t *words, int count) {
  memset(words, 0, (size_t)count * sizeof *words);
  return sched_getaffinity(0, (size_t)count * sizeof *words, (cpu_set_t *)words) == 0 ? 0 : -errno;
}

int amy_thread_set_processors(const uint64_t *words, int count) {
  uint64_t before[amy_processor_words], now[amy_processor_words];
  if (count != amy_processor_words) return -EINVAL;
  const size_t size = sizeof before;
  int error = amy_thread_processors(before, amy_processor_words);
  if (error != 0) return error;
  if (sched_setaffinity(0, size, (const cpu_set_t *)words) != 0) return -errno;
  // The kernel ignores processors that do not exist, without an error.
  error = amy_thread_processors(now, amy_processor_words);
  if (error == 0 && memcmp(words, now, size) == 0) return 0;
  sched_setaffinity(0, size, (const cpu_set_t *)before);
  return error == 0 ? -EINVAL : error;
}

int64_t amy_thread_timer_slack(void) {
  int slack = prctl(PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL);
  return slack < 0 ? -errno : slack;
}

int amy_thread_set_timer_slack(uint64_t nanoseconds) {
  return prctl(PR_SET_TIMERSLACK, (unsigned long)nanoseconds, 0UL, 0UL, 0UL) == 0 ? 0 : -errno;
}

#else

int amy_thread_processors(uint64_t *words, int count) {
  memset(words, 0, (size_t)count * sizeof *words);
  return -ENOSYS;
}

int amy_thread_set_processors(const uint64_t *words, int count) {
  (void)words;
  (void)count;
  return -ENOSYS;
}

int64_t amy_thread_timer_slack(void) {
  return -ENOSYS;
}

int amy_thread_set_timer_slack(uint64_t nanoseconds) {
  (void)nanoseconds;
  return -ENOSYS;
}

#endif
