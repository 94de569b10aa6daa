// Shared by the C programs: arguments, clocks, pseudorandom numbers, and the output for Benchmarks/run.

#ifndef BENCH_H
#define BENCH_H

#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static inline void check(int is_good, const char *what) {
  if (is_good) return;
  perror(what);
  exit(1);
}

static inline uint64_t clock_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t wall_began, cpu_began;

static inline void begin(void) {
  wall_began = clock_of(CLOCK_MONOTONIC);
  cpu_began = clock_of(CLOCK_PROCESS_CPUTIME_ID);
}

// Prints the time per operation since the beginning.
static inline void end(long operations) {
  double wall = (double)(clock_of(CLOCK_MONOTONIC) - wall_began), cpu = (double)(clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_began);
  printf("wall=%f cpu=%f\n", wall / (double)operations, cpu / (double)operations);
}

// In KiB. Not from getrusage(2), which starts with the parent's value.
static inline long peak_memory(void) {
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  long size = 0;
  while (status != NULL && fgets(line, sizeof line, status) != NULL) sscanf(line, "VmHWM: %ld", &size);
  if (status != NULL) fclose(status);
  return size;
}

static inline void raise_descriptor_limit(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static uint64_t random_state = 88172645463325252;

static inline uint64_t random_number(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

static inline long random_below(long bound) {
  return (long)(((random_number() >> 32) * (uint64_t)bound) >> 32);
}

// Nanoseconds from one second to a minute.
static inline uint64_t random_delay(void) {
  return 1000000000 + (uint64_t)(((unsigned __int128)random_number() * 59000000000ull) >> 64);
}

#endif
