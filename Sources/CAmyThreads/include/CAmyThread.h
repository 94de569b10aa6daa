// Threads and conditions: pthreads(7). They serve tests and the program; the libraries start no thread.
//
// What is behind a pointer in C is a number here, since Swift is not to look behind it.

#ifndef CAMY_THREAD_H
#define CAMY_THREAD_H

#include <stdbool.h>
#include <stdint.h>

/// What a thread is to do.
typedef void (*amy_thread_body)(void *context);

/// pthread_create(3). 0, or the negated errno; then the body is never called. The kernel cuts names at 15 bytes.
int amy_thread_start(const char *name, amy_thread_body body, void *context, uintptr_t *thread);
/// pthread_join(3), once for each thread, or else detach it.
void amy_thread_join(uintptr_t thread);
/// pthread_detach(3).
void amy_thread_detach(uintptr_t thread);

/// A lock with a condition: a pthread_mutex_t and a pthread_cond_t. 0 without memory.
uintptr_t amy_condition_create(void);
void amy_condition_destroy(uintptr_t condition);
void amy_condition_lock(uintptr_t condition);
void amy_condition_unlock(uintptr_t condition);
/// Unlocks, sleeps until it is signalled (or for no reason), and locks again.
void amy_condition_wait(uintptr_t condition);
/// Wakes one sleeper, or all. With or without the lock.
void amy_condition_signal(uintptr_t condition, bool for_all);

#endif
