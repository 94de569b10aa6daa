#define _GNU_SOURCE

#include "CAmyAddress.h"

#if defined(__linux__) && !defined(AMY_WITHOUT_FUTEX)

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

struct kernel_timespec {
  int64_t seconds;
  int64_t nanoseconds;
};

// Where time_t has 32 bits, the plain call takes a struct of 32 bits.
#if defined(SYS_futex_time64)
enum { futex_call = SYS_futex_time64 };
#else
enum { futex_call = SYS_futex };
#endif

void amy_address_wait(uintptr_t address, uint32_t expected, uint64_t deadline) {
  // FUTEX_WAIT_BITSET takes a time on the monotonic clock.
  struct kernel_timespec until = {(int64_t)(deadline / 1000000000), (int64_t)(deadline % 1000000000)};
  syscall(
      futex_call, address, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected, deadline == UINT64_MAX ? NULL : &until, NULL,
      FUTEX_BITSET_MATCH_ANY);
}

void amy_address_wake(uintptr_t address, bool all) {
  syscall(futex_call, address, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, all ? INT_MAX : 1, NULL, NULL, 0);
}

#else

#include <pthread.h>
#include <time.h>

#include "CAmyClock.h"

// One condition for each group of addresses: threads that sleep on others of the group wake spuriously.
enum { groups = 64 };

static struct group {
  pthread_mutex_t lock;
  pthread_cond_t changed;
} table[groups];

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_table(void) {
  for (int index = 0; index < groups; index += 1) {
    pthread_mutex_init(&table[index].lock, NULL);
    pthread_cond_init(&table[index].changed, NULL);
  }
}

static struct group *group_of(uintptr_t address) {
  pthread_once(&once, make_table);
  return &table[(address >> 6) % groups];
}

void amy_address_wait(uintptr_t address, uint32_t expected, uint64_t deadline) {
  struct group *group = group_of(address);
  pthread_mutex_lock(&group->lock);
  if (__atomic_load_n((uint32_t *)address, __ATOMIC_SEQ_CST) == expected) {
    if (deadline == UINT64_MAX) {
      pthread_cond_wait(&group->changed, &group->lock);
    } else {
      // Conditions wait on the wall clock, which may be set: look again after a second.
      const uint64_t most = 1000000000;
      uint64_t now = amy_clock_now();
      uint64_t rest = deadline > now ? deadline - now : 0;
      if (rest > most) rest = most;
      struct timespec until;
      clock_gettime(CLOCK_REALTIME, &until);
      rest += (uint64_t)until.tv_nsec;
      until.tv_sec += (time_t)(rest / 1000000000);
      until.tv_nsec = (long)(rest % 1000000000);
      pthread_cond_timedwait(&group->changed, &group->lock, &until);
    }
  }
  pthread_mutex_unlock(&group->lock);
}

void amy_address_wake(uintptr_t address, bool all) {
  // Threads may sleep on other addresses of the group.
  (void)all;
  struct group *group = group_of(address);
  pthread_mutex_lock(&group->lock);
  pthread_cond_broadcast(&group->changed);
  pthread_mutex_unlock(&group->lock);
}

#endif
