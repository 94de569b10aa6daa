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
