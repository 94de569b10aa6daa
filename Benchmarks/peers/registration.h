// Registers, reregisters and deregisters DESCRIPTORS descriptors, ROUNDS times, on THREADS threads that share them.
//
//     registration ROUNDS DESCRIPTORS THREADS
//
// A library's program defines these; it needs apply() if the library collects its changes until its loop runs.

#include "bench.h"

#include <sys/socket.h>

static void registration_open(int count);
static void add(int slot, int descriptor);
static void modify(int slot, int descriptor);
static void take_out(int slot, int descriptor);
static void apply(void);

static int *descriptors;
static int descriptor_count, thread_count;
static long rounds;
static pthread_barrier_t barrier;
static uint64_t took[3];

static void *work(void *number) {
  int first = (int)(intptr_t)number * descriptor_count / thread_count;
  int last = ((int)(intptr_t)number + 1) * descriptor_count / thread_count;
  void (*steps[3])(int, int) = {add, modify, take_out};
  for (long round = 0; round < rounds; round++) {
    for (int step = 0; step < 3; step++) {
      if (thread_count > 1) pthread_barrier_wait(&barrier);
      uint64_t start = first == 0 ? clock_of(CLOCK_PROCESS_CPUTIME_ID) : 0;
      for (int slot = first; slot < last; slot++) steps[step](slot, descriptors[slot]);
      apply();
      if (thread_count > 1) pthread_barrier_wait(&barrier);
      if (first == 0) took[step] += clock_of(CLOCK_PROCESS_CPUTIME_ID) - start;
    }
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 4) return 64;
  rounds = atol(arguments[1]);
  descriptor_count = atoi(arguments[2]);
  thread_count = atoi(arguments[3]);
  raise_descriptor_limit();
  descriptors = calloc((size_t)descriptor_count, sizeof *descriptors);
  registration_open(descriptor_count);
  for (int slot = 0; slot < descriptor_count; slot++) {
    descriptors[slot] = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    check(descriptors[slot] >= 0, "socket");
  }
  pthread_barrier_init(&barrier, NULL, (unsigned)thread_count);
  begin();
  pthread_t threads[64];
  for (int number = 1; number < thread_count; number++) {
    pthread_create(&threads[number], NULL, work, (void *)(intptr_t)number);
  }
  work((void *)0);
  for (int number = 1; number < thread_count; number++) pthread_join(threads[number], NULL);
  end(rounds * descriptor_count);
  double each = (double)rounds * descriptor_count;
  printf("register=%f reregister=%f deregister=%f\n", (double)took[0] / each, (double)took[1] / each, (double)took[2] / each);
}
