// Messages from threads into a waiting loop: a queue behind a mutex, which the loop swaps out whole, and the library's own way
// to wake its loop, used when the queue was empty.
//
//     messages count BURSTS SIZE            one thread sends SIZE at a time, and receives them through its loop
//     messages throughput SENDERS COUNT     SENDERS threads send COUNT in total into a waiting loop
//     messages trips ROUNDS 0               there and back between two loops on two threads
//
// A library's program defines the loop: its wait calls receive() when it was woken.

#include "bench.h"

struct loop;
static struct loop *loop_open(void);
static void loop_wake(struct loop *loop);
static void loop_wait(struct loop *loop, int must_sleep);

struct queue {
  pthread_mutex_t lock;
  long *messages, *spare;
  size_t count, capacity, spare_capacity;
};

static struct loop *loops[2];
static struct queue queues[2] = {{.lock = PTHREAD_MUTEX_INITIALIZER}, {.lock = PTHREAD_MUTEX_INITIALIZER}};
static long received[2], sum;
static int is_answering;

static inline void send_message(int to, long message) {
  struct queue *queue = &queues[to];
  pthread_mutex_lock(&queue->lock);
  if (queue->count == queue->capacity) {
    queue->capacity = queue->capacity ? 2 * queue->capacity : 16;
    queue->messages = realloc(queue->messages, queue->capacity * sizeof *queue->messages);
  }
  queue->messages[queue->count++] = message;
  int was_empty = queue->count == 1;
  pthread_mutex_unlock(&queue->lock);
  if (was_empty) loop_wake(loops[to]);
}

static void receive(int number) {
  struct queue *queue = &queues[number];
  pthread_mutex_lock(&queue->lock);
  long *messages = queue->messages;
  size_t count = queue->count, capacity = queue->capacity;
  queue->messages = queue->spare;
  queue->capacity = queue->spare_capacity;
  queue->spare = NULL;
  queue->spare_capacity = 0;
  queue->count = 0;
  pthread_mutex_unlock(&queue->lock);
  for (size_t index = 0; index < count; index++) {
    received[number]++;
    sum += messages[index];
    if (number == 1 && is_answering) send_message(0, messages[index]);
  }
  pthread_mutex_lock(&queue->lock);
  free(queue->spare);
  queue->spare = messages;
  queue->spare_capacity = capacity;
  pthread_mutex_unlock(&queue->lock);
}

static void *send_many(void *count) {
  for (long number = 0; number < (long)(intptr_t)count; number++) send_message(0, number);
  return NULL;
}

static void *answer(void *count) {
  while (received[1] < (long)(intptr_t)count) loop_wait(loops[1], 1);
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 4) return 64;
  long first = atol(arguments[2]), second = atol(arguments[3]);
  loops[0] = loop_open();
  loops[1] = loop_open();
  pthread_t threads[64];
  if (strcmp(arguments[1], "count") == 0) {
    for (long burst = 0; burst < first; burst++) {
      for (long number = 0; number < second; number++) send_message(0, number);
      while (received[0] < (burst + 1) * second) loop_wait(loops[0], 0);
    }
  } else if (strcmp(arguments[1], "throughput") == 0) {
    long share = second / first;
    begin();
    for (long number = 0; number < first; number++) {
      pthread_create(&threads[number], NULL, send_many, (void *)(intptr_t)share);
    }
    while (received[0] < share * first) loop_wait(loops[0], 1);
    end(share * first);
    for (long number = 0; number < first; number++) pthread_join(threads[number], NULL);
  } else {
    is_answering = 1;
    begin();
    pthread_create(&threads[0], NULL, answer, (void *)(intptr_t)first);
    for (long round = 0; round < first; round++) {
      send_message(1, round);
      while (received[0] <= round) loop_wait(loops[0], 1);
    }
    end(first);
    pthread_join(threads[0], NULL);
  }
}
