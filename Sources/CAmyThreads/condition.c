// A lock with a condition.

#include "CAmyThread.h"

#include <pthread.h>
#include <stdlib.h>

struct condition {
  pthread_mutex_t lock;
  pthread_cond_t changed;
};

uintptr_t amy_condition_create(void) {
  struct condition *condition = malloc(sizeof *condition);
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
