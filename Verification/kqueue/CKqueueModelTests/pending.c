#if __has_include("KqueueModel.h")
// Another taker of signals, between a caller's check for a pending one and its attempt to take it.

#define _GNU_SOURCE

#include "CKqueueModelTests.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_bool takes;

void kqueue_model_test_take_what_is_asked_for(bool begins) {
  atomic_store(&takes, begins);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

// Replaces the C library's function for the tests.
int sigpending(sigset_t *set) {
  sigemptyset(set);
  if (syscall(SYS_rt_sigpending, set, (size_t)_NSIG / 8) != 0) return -1;
  const struct timespec no_time = {0, 0};
  if (atomic_load(&takes)) sigtimedwait(set, NULL, &no_time);
  return 0;
}

#endif
#endif
#endif
