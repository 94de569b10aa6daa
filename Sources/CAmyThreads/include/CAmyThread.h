// Threads and conditions: pthreads(7), sched_setaffinity(2), prctl(2).
//
// C's pointers are numbers here, since Swift must not look behind them. Errors are negated errnos.

#ifndef CAMY_THREAD_H
#define CAMY_THREAD_H

#include <stdbool.h>
#include <stdint.h>

/// The work of a thread.
typedef void (*amy_thread_body)(void *context);

enum amy_thread_step {
  amy_thread_step_create,
  amy_thread_step_processors,
  amy_thread_step_timer_slack,
};

/// Those not given are those of the thread that starts it.
struct amy_thread_settings {
  bool sets_mask;
  /// Bit n - 1 is signal n.
  uint64_t mask;
  /// Words in the set of processors; 0 for the creator's set.
  int processor_words;
  /// Nanoseconds; 0 for the creator's slack.
  uint64_t timer_slack;
};

/// Or the negated errno and the step that failed.
struct amy_thread_started {
  uintptr_t thread;
  int error;
  enum amy_thread_step step;
};

/// pthread_create(3). After an error the body is never called. The system keeps at most 15 bytes of the name.
struct amy_thread_started amy_thread_start(const char *name, amy_thread_body body, void *context,
                                           struct amy_thread_settings settings, const uint64_t *processors);
/// pthread_join(3). Join or detach each thread once.
void amy_thread_join(uintptr_t thread);
/// pthread_detach(3).
void amy_thread_detach(uintptr_t thread);
/// Compares with pthread_self(3).
bool amy_thread_is_self(uintptr_t thread);

/// For the largest set of processors of Linux.
enum { amy_processor_words = 128 };

/// sched_getaffinity(2) of this thread: bit n of word n / 64 is processor n. 0, or the negated errno.
int amy_thread_processors(uint64_t *words, int count);
/// sched_setaffinity(2) of this thread. 0, or the negated errno: EINVAL, and nothing changed, where a processor may not be
/// used.
int amy_thread_set_processors(const uint64_t *words, int count);
/// prctl(2), PR_GET_TIMERSLACK of this thread, in nanoseconds; or the negated errno.
int64_t amy_thread_timer_slack(void);
/// prctl(2), PR_SET_TIMERSLACK of this thread. 0, or the negated errno.
int amy_thread_set_timer_slack(uint64_t nanoseconds);

/// A lock with a condition: a pthread_mutex_t and a pthread_cond_t. 0 without memory.
uintptr_t amy_condition_create(void);
void amy_condition_destroy(uintptr_t condition);
void amy_condition_lock(uintptr_t condition);
void amy_condition_unlock(uintptr_t condition);
/// Unlocks, sleeps until it is signalled (or wakes spuriously), and locks again.
void amy_condition_wait(uintptr_t condition);
/// Wakes one sleeper, or all, with or without the lock.
void amy_condition_signal(uintptr_t condition, bool for_all);

#endif
