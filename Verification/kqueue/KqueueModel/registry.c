#if defined(__linux__)
// The queues by descriptor. A plain close(2) closes one without notifying the double: so each lookup asks an epoll instance
// (the detector), which watches all queues for no events, whether a number is still the queue. It knows them by file and
// number, and forgets closed ones.

#define _GNU_SOURCE

#include "KqueueModel.h"
#include "internal.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct queue *table[buckets];
static int detector = -1;
// Always readable eventfds. Each serves few queues: epoll limits the paths from a file up through nested instances.
enum { queues_a_bell = 8, most_bells = 4096 };
static struct {
  int number;
  unsigned queues;
} wakers[most_bells];
static int bell_count;
static atomic_int owner;

_Thread_local unsigned locks_held;

static void before_fork(void) {
  locks_held += 1;
  pthread_mutex_lock(&lock);
}

static void after_fork(void) {
  pthread_mutex_unlock(&lock);
  locks_held -= 1;
}

static int open_bell(void) {
  if (bell_count == most_bells) {
    errno = ENOMEM;
    return -1;
  }
  int number = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
  if (number >= 0) wakers[bell_count++].number = number;
  return number;
}

// A waker's place, or -1 with errno.
static int take_bell(void) {
  for (int place = 0; place < bell_count; place += 1) {
    if (wakers[place].queues == queues_a_bell) continue;
    wakers[place].queues += 1;
    return place;
  }
  if (open_bell() < 0) return -1;
  wakers[bell_count - 1].queues = 1;
  return bell_count - 1;
}

static void give_back_bell(int number) {
  for (int place = 0; place < bell_count; place += 1) {
    if (wakers[place].number != number) continue;
    wakers[place].queues -= 1;
    // The first stays: it existed before anything counted descriptors.
    if (place == 0 || wakers[place].queues > 0) return;
    close(number);
    wakers[place] = wakers[--bell_count];
    return;
  }
}

static void let_go(struct queue *queue) {
  give_back_bell(queue->waker);
  queue_free(queue);
}

// In a child by clone(2), without fork handlers, a thread that does not exist may hold the lock for ever.
static void start_afresh(void) {
  pthread_mutex_init(&lock, NULL);
  signals_start_afresh();
  for (int bucket = 0; bucket < buckets; bucket += 1) table[bucket] = NULL;
  for (int place = 0; place < bell_count; place += 1) wakers[place].queues = 0;
  close(detector);
  detector = epoll_create1(EPOLL_CLOEXEC);
  atomic_store(&owner, getpid());
}

// A queue is not inherited: its number is free in the child. Only close descriptors; another thread of the parent may have been
// using the memory.
static void in_child(void) {
  for (int bucket = 0; bucket < buckets; bucket += 1) {
    for (struct queue *queue = table[bucket]; queue != NULL; queue = queue->next_queue) {
      if (queue_is_open(queue)) close(queue->number);
      if (queue->writers >= 0) close(queue->writers);
      if (queue->knock >= 0) close(queue->knock);
      for (int chain = 0; chain < buckets; chain += 1) {
        for (struct knote *knote = queue->by_serial[chain]; knote != NULL; knote = knote->next_by_serial) {
          if (knote->source >= 0) close(knote->source);
        }
      }
    }
  }
  locks_held = 0;
  start_afresh();
}

// Before anything counts the process's descriptors.
__attribute__((constructor)) static void start(void) {
  detector = epoll_create1(EPOLL_CLOEXEC);
  open_bell();
  atomic_store(&owner, getpid());
  pthread_atfork(before_fork, after_fork, in_child);
}

static void enter(void) {
  if (atomic_load(&owner) != getpid()) start_afresh();
  locks_held += 1;
  pthread_mutex_lock(&lock);
}

static void leave(void) {
  pthread_mutex_unlock(&lock);
  locks_held -= 1;
}

bool listener_knows(int listener, int number) {
  // An epoll instance refuses to add the same file twice by one number. Any other it accepts, or cannot watch.
  struct epoll_event nothing = {.events = EPOLLET};
  if (epoll_ctl(listener, EPOLL_CTL_ADD, number, &nothing) != 0) return errno == EEXIST;
  epoll_ctl(listener, EPOLL_CTL_DEL, number, NULL);
  return false;
}

bool queue_is_open(struct queue *queue) {
  return listener_knows(detector, queue->number);
}

static struct queue **bucket_of(int number) {
  return &table[(unsigned)number % buckets];
}

// Collects the queues with a closed descriptor and this number, or any if negative.
static void collect(int number) {
  for (int bucket = 0; bucket < buckets; bucket += 1) {
    if (number >= 0 && &table[bucket] != bucket_of(number)) continue;
    struct queue **link = &table[bucket];
    while (*link != NULL) {
      struct queue *queue = *link;
      if ((number >= 0 && queue->number != number) || queue_is_open(queue)) {
        link = &queue->next_queue;
        continue;
      }
      *link = queue->next_queue;
      queue->is_closed = true;
      if (queue->users == 0) let_go(queue);
    }
  }
}

void kqueue_model_collect(void) {
  enter();
  collect(-1);
  leave();
}

int kqueue(void) {
  enter();
  collect(-1);
  int waker = take_bell(), number = -1;
  struct queue *queue = waker < 0 ? NULL : queue_make(wakers[waker].number);
  if (waker >= 0 && queue == NULL) wakers[waker].queues -= 1;
  if (queue != NULL) {
    struct epoll_event nothing = {.events = EPOLLET};
    if (epoll_ctl(detector, EPOLL_CTL_ADD, queue->number, &nothing) == 0) {
      // Before the unlock, after which others may use the number.
      number = queue->number;
      queue->next_queue = *bucket_of(number);
      *bucket_of(number) = queue;
    } else {
      int error = errno;
      close(queue->number);
      let_go(queue);
      errno = error;
    }
  }
  leave();
  return number;
}

static struct queue *find(int number) {
  struct queue *queue = *bucket_of(number);
  while (queue != NULL && queue->number != number) queue = queue->next_queue;
  return queue;
}

struct queue *queue_acquire(int number) {
  if (number < 0) return NULL;
  enter();
  struct queue *queue = find(number);
  if (queue != NULL && !queue_is_open(queue)) {
    collect(number);
    queue = NULL;
  }
  if (queue != NULL) queue->users += 1;
  leave();
  return queue;
}

void queue_release(struct queue *queue) {
  enter();
  queue->users -= 1;
  if (queue->users == 0 && queue->is_closed) let_go(queue);
  leave();
}

bool queue_exists(int number) {
  enter();
  struct queue *queue = find(number);
  bool exists = queue != NULL && queue_is_open(queue);
  leave();
  return exists;
}

void queues_knock(bool (*is_so)(struct queue *queue, int argument), int argument) {
  const uint64_t one = 1;
  enter();
  for (int bucket = 0; bucket < buckets; bucket += 1) {
    for (struct queue *queue = table[bucket]; queue != NULL; queue = queue->next_queue) {
      // Never read, the counter takes 2^64 - 2 signals.
      if (queue->knock >= 0 && is_so(queue, argument) && write(queue->knock, &one, sizeof one) < 0) continue;
    }
  }
  leave();
}
#endif
