#if defined(__linux__)
// The differences between systems; FACTS.md lists the function in which each was read.

#define _GNU_SOURCE

#include "KqueueModel.h"
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct profile profiles[] = {
    {
        .name = "freebsd",
        .has_user_events = true,
        .knows_keep_udata = true,
        .has_sigtimedwait = true,
        .has_pipes_of_two_ways = true,
        .watches_zombies = true,
        .nests_in_circles = true,
        .timer_delay = 200000,
        .timer_step = 1,
    },
    {
        .name = "xnu",
        .has_user_events = true,
        .deletes_rather_than_adds = true,
        .finds_knotes_first = true,
        .receipts_keep_flags = true,
        .receipts_need_no_room = true,
        .is_close_on_exec = true,
        .looks_at_once_told = true,
        .triggers_on_adding = true,
        .watches_broken_pipes = true,
        .tells_end_at_wrong_end = true,
        .coalesces_timers = true,
        .restarts_timers_always = true,
        .refuses_bad_settings = true,
        .fires_past_timers = true,
        .timer_step = 1,
    },
    {
        .name = "openbsd",
        .changes_udata_by_add_alone = true,
        .looks_on_enabling = true,
        .adds_rather_than_deletes = true,
        .has_pipes_of_two_ways = true,
        .watches_broken_pipes = true,
        .refuses_other_signals = true,
        .nests_in_circles = true,
        .refuses_bad_settings = true,
        .timer_step = 10000000,
    },
    {
        .name = "netbsd",
        .changes_udata_by_add_alone = true,
        .adds_rather_than_deletes = true,
        .has_sigtimedwait = true,
        .nests_in_circles = true,
        .refuses_timers_of_no_time = true,
        .timer_step = 10000000,
    },
};

static const struct profile *of_process = &profiles[0];
static _Thread_local const struct profile *of_thread;

static const struct profile *named(const char *name) {
  for (size_t index = 0; index < sizeof profiles / sizeof *profiles; index += 1) {
    if (strcmp(profiles[index].name, name) == 0) return &profiles[index];
  }
  return NULL;
}

__attribute__((constructor)) static void read_environment(void) {
  const char *name = getenv("KQUEUE_MODEL_PROFILE");
  if (name == NULL || *name == 0) return;
  of_process = named(name);
  if (of_process != NULL) return;
  fprintf(stderr, "KQUEUE_MODEL_PROFILE: there is no profile %s\n", name);
  exit(64);
}

const struct profile *profile_now(void) {
  return of_thread != NULL ? of_thread : of_process;
}

const char *kqueue_model_profile(void) {
  return of_process->name;
}

bool kqueue_model_use_profile(const char *name) {
  of_thread = name == NULL ? NULL : named(name);
  return name == NULL || of_thread != NULL;
}

bool kqueue_model_keeps_user_data(void) {
  return of_process->changes_udata_by_add_alone;
}

bool kqueue_model_coalesces_timers(void) {
  return of_process->coalesces_timers;
}

bool kqueue_model_has_sigtimedwait(void) {
  return of_process->has_sigtimedwait;
}
#endif
