// pthread_setname_np(3).
#define _GNU_SOURCE

#include "CAmyThread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Threads.

_Static_assert(sizeof(pthread_t) <= sizeof(uintptr_t), "a thread fits a word");

// Linux keeps 16 bytes of a name, its NUL included.
enum { name_size = 16 };

struct start {
  amy_thread_body body;
  void *context;
  char name[name_size];
};

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
#if defined(__APPLE__)
  pthread_setname_np(start.name);
#elif defined(__linux__)
  pthread_setname_np(pthread_self(), start.name);
#endif
  start.body(start.context);
  return NULL;
}

int amy_thread_start(const char *name, amy_thread_body body, void *context, uintptr_t *thread) {
  struct start *start = calloc(1, sizeof *start);
  if (start == NULL) return -ENOMEM;
  start->body = body;
  start->context = context;
  strncpy(start->name, name, name_size - 1);
  pthread_t started;
  int error = pthread_create(&started, NULL, run, start);
  if (error != 0) {
    free(start);
    return -error;
  }
  *thread = (uintptr_t)started;
  return 0;
}

void amy_thread_join(uintptr_t thread) {
  pthread_join((pthread_t)thread, NULL);
}

void amy_thread_detach(uintptr_t thread) {
  pthread_detach((pthread_t)thread);
}

// Conditions.

struct condition {
  pthread_mutex_t lock;
  pthread_cond_t changed;
};

uintptr_t amy_condition_create(void) {
  struct condition *condition = calloc(1, sizeof *condition);
  if (condition == NULL) return 0;
  pthread_mutex_init(&condition->lock, NULL);
  pthread_cond_init(&condition->changed, NULL);
  return (uintptr_t)condition;
}

void amy_condition_destroy(uintptr_t number) {
  struct condition *condition = (struct condition *)number;
  pthread_cond_destroy(&condition->changed);
  pthread_mutex_destroy(&condition->lock);
  free(condition);
}

void amy_condition_lock(uintptr_t number) {
  pthread_mutex_lock(&((struct condition *)number)->lock);
}

void amy_condition_unlock(uintptr_t number) {
  pthread_mutex_unlock(&((struct condition *)number)->lock);
}

void amy_condition_wait(uintptr_t number) {
  struct condition *condition = (struct condition *)number;
  pthread_cond_wait(&condition->changed, &condition->lock);
}

void amy_condition_signal(uintptr_t number, bool for_all) {
  struct condition *condition = (struct condition *)number;
  if (for_all) {
    pthread_cond_broadcast(&condition->changed);
  } else {
    pthread_cond_signal(&condition->changed);
  }
}

// Signals.

static sigset_t set_of(uint64_t signals) {
  sigset_t set;
  sigemptyset(&set);
  for (int number = 1; number <= 64; number += 1) {
    if (signals >> (number - 1) & 1) sigaddset(&set, number);
  }
  return set;
}

void amy_signals_block(uint64_t signals) {
  sigset_t set = set_of(signals);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
}

#if defined(__APPLE__) || defined(__OpenBSD__)

// Darwin and OpenBSD have no sigtimedwait(2): look once in a while whether one is pending.
int amy_signals_wait(uint64_t signals, uint64_t nanoseconds) {
  const uint64_t pause = 20000000;
  sigset_t set = set_of(signals);
  for (uint64_t waited = 0;; waited += pause) {
    sigset_t pending;
    sigpending(&pending);
    for (int number = 1; number < NSIG; number += 1) {
      int taken;
      if (sigismember(&set, number) && sigismember(&pending, number) && sigwait(&set, &taken) == 0) return taken;
    }
    if (waited >= nanoseconds) return 0;
    nanosleep(&(struct timespec){0, (long)pause}, NULL);
  }
}

#else

int amy_signals_wait(uint64_t signals, uint64_t nanoseconds) {
  sigset_t set = set_of(signals);
  for (;;) {
    int number = nanoseconds == UINT64_MAX
        ? sigwaitinfo(&set, NULL)
        : sigtimedwait(&set, NULL, &(struct timespec){(time_t)(nanoseconds / 1000000000), (long)(nanoseconds % 1000000000)});
    if (number > 0) return number;
    // Another signal, one that is not of the set and has a handler: the time starts again, which is good enough here.
    if (errno != EINTR) return 0;
  }
}

#endif
