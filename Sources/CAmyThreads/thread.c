// Threads and how they start.

// pthread_setname_np(3), sched_setaffinity(2).
#define _GNU_SOURCE

#include "CAmyThread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#if defined(__FreeBSD__) || defined(__OpenBSD__)
#include <pthread_np.h>
#endif

_Static_assert(sizeof(pthread_t) <= sizeof(uintptr_t), "a thread fits a word");

// Linux keeps 16 bytes of a name, its NUL included.
enum { name_size = 16 };

// What a thread starts with. If `is_awaited`, its creator waits for `outcome` and frees it; otherwise the thread does.
struct start {
  amy_thread_body body;
  void *context;
  char name[name_size];
  struct amy_thread_settings settings;
  const uint64_t *processors;
  bool is_awaited;

  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool is_decided;
  int error;
  enum amy_thread_step step;
};

static void set_name(const char *name) {
#if defined(__APPLE__)
  pthread_setname_np(name);
#elif defined(__linux__)
  pthread_setname_np(pthread_self(), name);
#elif defined(__FreeBSD__) || defined(__OpenBSD__)
  pthread_set_name_np(pthread_self(), name);
#else
  (void)name;
#endif
}

// Cuts no UTF-8 character.
static void copy_name(char *to, const char *name) {
  size_t length = strnlen(name, name_size);
  if (length >= name_size) {
    length = name_size - 1;
    while (length > 0 && (name[length] & 0xC0) == 0x80) length -= 1;
  }
  memcpy(to, name, length);
  to[length] = 0;
}

static void set_mask(uint64_t mask) {
  sigset_t set;
  sigemptyset(&set);
  for (int number = 1; number < NSIG && number <= 64; number += 1) {
    if (mask >> (number - 1) & 1) sigaddset(&set, number);
  }
  pthread_sigmask(SIG_SETMASK, &set, NULL);
}

static int settle(struct start *start) {
  if (start->settings.processor_words > 0) {
    start->step = amy_thread_step_processors;
    int error = amy_thread_set_processors(start->processors, start->settings.processor_words);
    if (error != 0) return error;
  }
  if (start->settings.timer_slack > 0) {
    start->step = amy_thread_step_timer_slack;
    return amy_thread_set_timer_slack(start->settings.timer_slack);
  }
  return 0;
}

static void *run(void *argument) {
  struct start *shared = argument, start = *shared;
  set_name(start.name);
  if (start.is_awaited) {
    int error = settle(&start);
    pthread_mutex_lock(&shared->lock);
    shared->error = error;
    shared->step = start.step;
    shared->is_decided = true;
    pthread_cond_signal(&shared->changed);
    // From here on the memory is the creator's.
    pthread_mutex_unlock(&shared->lock);
    if (error != 0) return NULL;
  } else {
    free(shared);
  }
  // Until now all signals were blocked: none reached the thread before it was ready.
  if (start.settings.sets_mask) set_mask(start.settings.mask);
  start.body(start.context);
  return NULL;
}

// Waits for the thread's settings; frees the memory.
static int outcome(struct start *start, enum amy_thread_step *step) {
  pthread_mutex_lock(&start->lock);
  while (!start->is_decided) pthread_cond_wait(&start->changed, &start->lock);
  int error = start->error;
  *step = start->step;
  pthread_mutex_unlock(&start->lock);
  pthread_cond_destroy(&start->changed);
  pthread_mutex_destroy(&start->lock);
  free(start);
  return error;
}

// pthread_create(3), with all signals blocked if the thread gets its own mask.
static int create(pthread_t *thread, struct start *start) {
  if (!start->settings.sets_mask) return pthread_create(thread, NULL, run, start);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(thread, NULL, run, start);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

struct amy_thread_started amy_thread_start(const char *name, amy_thread_body body, void *context,
                                           struct amy_thread_settings settings, const uint64_t *processors) {
  struct amy_thread_started started = {.step = amy_thread_step_create};
  struct start *start = calloc(1, sizeof *start);
  if (start == NULL) {
    started.error = -ENOMEM;
    return started;
  }
  start->body = body;
  start->context = context;
  copy_name(start->name, name);
  start->settings = settings;
  start->processors = processors;
  const bool is_awaited = settings.processor_words > 0 || settings.timer_slack > 0;
  start->is_awaited = is_awaited;
  if (is_awaited) {
    pthread_mutex_init(&start->lock, NULL);
    pthread_cond_init(&start->changed, NULL);
  }
  pthread_t thread;
  int error = create(&thread, start);
  if (error != 0) {
    free(start);
    started.error = -error;
    return started;
  }
  if (is_awaited) {
    started.error = outcome(start, &started.step);
    if (started.error != 0) {
      pthread_join(thread, NULL);
      return started;
    }
  }
  started.thread = (uintptr_t)thread;
  return started;
}

void amy_thread_join(uintptr_t thread) {
  pthread_join((pthread_t)thread, NULL);
}

void amy_thread_detach(uintptr_t thread) {
  pthread_detach((pthread_t)thread);
}

bool amy_thread_is_self(uintptr_t thread) {
  return pthread_equal((pthread_t)thread, pthread_self());
}
