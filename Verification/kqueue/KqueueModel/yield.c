#if defined(__linux__)
// Other threads may run where a kernel drops its locks between two changes: the double provokes this.

#define _GNU_SOURCE

#include "KqueueModel.h"
#include "internal.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_uint percent_now = 20;

__attribute__((constructor)) static void read_environment(void) {
  const char *text = getenv("KQUEUE_MODEL_YIELD");
  if (text != NULL) kqueue_model_set_yield((unsigned)strtoul(text, NULL, 10));
}

void kqueue_model_set_yield(unsigned percent) {
  atomic_store(&percent_now, percent > 100 ? 100 : percent);
}

// xorshift, per thread.
static uint32_t random_number(void) {
  static atomic_uint threads;
  static _Thread_local uint32_t state;
  if (state == 0) state = (atomic_fetch_add(&threads, 1) + 1) * 2654435761u;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

void yield_at_random(void) {
  uint32_t number = random_number();
  if (number % 100 >= atomic_load_explicit(&percent_now, memory_order_relaxed)) return;
  if (number >> 8 & 7) {
    sched_yield();
  } else {
    // Long enough for another processor's thread to finish a call.
    nanosleep(&(struct timespec){.tv_nsec = number >> 11 & 0xffff}, NULL);
  }
}
#endif
