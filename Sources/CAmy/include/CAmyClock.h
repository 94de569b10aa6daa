#ifndef CAMY_CLOCK_H
#define CAMY_CLOCK_H

#include <stdint.h>
#include <time.h>

/// Nanoseconds on the monotonic clock that stops while the system is suspended, as Swift's `SuspendingClock`: clock_gettime(2),
/// in the vDSO, without a system call.
static inline uint64_t amy_clock_now(void) {
  struct timespec now;
#if defined(__APPLE__)
  clock_gettime(CLOCK_UPTIME_RAW, &now);
#else
  clock_gettime(CLOCK_MONOTONIC, &now);
#endif
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
