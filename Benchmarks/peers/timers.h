// The same timers as Benchmarks/Sources/timers.
//
//     timers count LIVES     over virtual_clock.c: 100,000 are pending; nine in ten are cancelled, one in ten fires, each is
//                            set again
//     timers none LIVES      does everything except the timers, to be subtracted
//     timers timed N         sets N and cancels them, in order and at random, a few times; then lets them fire
//
// A library's program defines these; its callback calls has_fired().

#include "bench.h"

static void timers_open(long count);
static void timers_set(long slot, uint64_t delay);
static void timers_cancel(long slot);
static void timers_fire(void);

static long fired, *fired_slots;
static int is_kept;

static inline void has_fired(long slot) {
  if (is_kept) fired_slots[fired] = slot;
  fired++;
}

static void count_lives(long lives, int has_timers) {
  const long standing = 100000;
  void (*advance)(uint64_t) = (void (*)(uint64_t))dlsym(RTLD_DEFAULT, "virtual_clock_advance");
  if (advance == NULL) exit(64);
  timers_open(standing);
  fired_slots = calloc((size_t)standing, sizeof *fired_slots);
  is_kept = 1;
  long total = 0;
  uint64_t sum = 0;
  for (long slot = 0; slot < standing; slot++) timers_set(slot, random_delay());
  for (long batch = 0; batch < lives / 100; batch++) {
    if (has_timers) {
      for (int number = 0; number < 90; number++) {
        long slot = random_below(standing);
        timers_cancel(slot);
        timers_set(slot, random_delay());
      }
    } else {
      for (int number = 0; number < 100; number++) sum += (uint64_t)random_below(standing) ^ random_delay();
    }
    advance(616000000000 / (uint64_t)standing);
    if (!has_timers) continue;
    fired = 0;
    timers_fire();
    total += fired;
    for (long number = 0; number < fired; number++) timers_set(fired_slots[number], random_delay());
  }
  printf("fired=%ld sum=%lu\n", total, (unsigned long)sum);
}

static inline void keep_least(uint64_t *least, uint64_t since) {
  uint64_t took = clock_of(CLOCK_MONOTONIC) - since;
  if (took < *least) *least = took;
}

static void time_in(const long *order, long count, const char *prefix) {
  uint64_t set = UINT64_MAX, cancel = UINT64_MAX, fire = UINT64_MAX;
  for (int round = 0; round < 3; round++) {
    uint64_t start = clock_of(CLOCK_MONOTONIC);
    for (long slot = 0; slot < count; slot++) timers_set(slot, random_delay());
    keep_least(&set, start);
    start = clock_of(CLOCK_MONOTONIC);
    for (long slot = 0; slot < count; slot++) timers_cancel(order[slot]);
    keep_least(&cancel, start);
  }
  for (int round = 0; round < 3; round++) {
    fired = 0;
    for (long slot = 0; slot < count; slot++) timers_set(slot, random_delay() / 1000);
    usleep(65000);
    uint64_t start = clock_of(CLOCK_MONOTONIC);
    while (fired < count) timers_fire();
    keep_least(&fire, start);
  }
  double each = (double)count;
  printf("%sboth=%f %sset=%f %scancel=%f %sfire=%f\n", prefix, (double)(set + cancel) / each, prefix, (double)set / each, prefix,
         (double)cancel / each, prefix, (double)fire / each);
}

static void time_all(long count) {
  timers_open(count);
  long *order = calloc((size_t)count, sizeof *order);
  for (long slot = 0; slot < count; slot++) order[slot] = slot;
  time_in(order, count, "");
  for (long slot = count - 1; slot > 0; slot--) {
    long other = random_below(slot + 1), kept = order[slot];
    order[slot] = order[other];
    order[other] = kept;
  }
  time_in(order, count, "random_");
  printf("memory=%ld\n", peak_memory());
}

int main(int count, char **arguments) {
  if (count != 3) return 64;
  raise_descriptor_limit();
  if (strcmp(arguments[1], "timed") == 0) time_all(atol(arguments[2]));
  else count_lives(atol(arguments[2]), strcmp(arguments[1], "count") == 0);
}
