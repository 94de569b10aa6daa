// A wall clock that leaps: the LD_PRELOAD of Verification/limits/run.
//
// Every tenth of a second the time of day is correct, an hour ahead, correct, or a day back. The kernel's clock belongs to the
// whole machine, and a time namespace can shift only the monotonic clocks: so this file replaces the calls that return the time
// of day, and those that sleep until one convert it back.

#define _GNU_SOURCE

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long now(struct timespec *time) {
  syscall(SYS_clock_gettime, CLOCK_REALTIME, time);
  static const long leaps[] = {0, 3600, 0, -86400};
  struct timespec steady;
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &steady);
  return leaps[(steady.tv_sec * 10 + steady.tv_nsec / 100000000) % 4];
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return (int)syscall(SYS_clock_gettime, clock, time);
  time->tv_sec += now(time);
  return 0;
}

int gettimeofday(struct timeval *restrict value, void *restrict zone) {
  (void)zone;
  struct timespec time;
  long leap = now(&time);
  value->tv_sec = time.tv_sec + leap;
  value->tv_usec = time.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec time;
  long leap = now(&time);
  if (result) *result = time.tv_sec + leap;
  return time.tv_sec + leap;
}

static struct timespec back(const struct timespec *told) {
  struct timespec time, kernel = *told;
  long leap = now(&time);
  // A time from before a leap or from another clock: no sleep gets longer than it would have been.
  for (long tried = 3600; kernel.tv_sec - time.tv_sec > 1800 && tried > 0; tried = 0) kernel.tv_sec -= leap > 0 ? leap : tried;
  return kernel;
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict lock, const struct timespec *restrict end) {
  static int (*original)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
  if (!original) original = (int (*)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *))dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  struct timespec kernel = back(end);
  return original(condition, lock, &kernel);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict end) {
  static int (*original)(sem_t *, const struct timespec *);
  if (!original) original = (int (*)(sem_t *, const struct timespec *))dlsym(RTLD_NEXT, "sem_timedwait");
  struct timespec kernel = back(end);
  return original(semaphore, &kernel);
}
