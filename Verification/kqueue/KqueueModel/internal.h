// The parts of the double. A queue is an epoll(7) instance whose number the user holds. In it are
//   - what read filters watch, and what the double opened itself for timers, signals and processes,
//   - another epoll instance with what write filters watch: so that the two directions of one descriptor are told apart,
//   - the bell, an eventfd that is always readable and rings the queue when it is watched for reading.
// All are watched by edge, or need no reading: epoll is only how the double hears that a filter has to be asked again, as a
// kernel hears it by KNOTE(). Whether there is an event, what it says, and who gets it, is decided here, under one lock.

#ifndef KQUEUE_MODEL_INTERNAL_H
#define KQUEUE_MODEL_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/event.h>
#include <sys/types.h>

enum { buckets = 256 };

/// What stands behind a descriptor, as far as filters care.
enum kind { kind_other, kind_stream, kind_datagram, kind_pipe, kind_queue, kind_file };

struct knote {
  struct knote *next_by_name, *next_by_serial;
  struct knote *previous, *next;
  struct queue *queue;
  const struct filter *filter;
  /// As it is told: ident, filter and udata, the flags that stay, and what the filter found last.
  struct kevent event;
  /// The fflags and data that the user gave.
  unsigned given_fflags;
  int64_t given_data;
  /// Names the knote to epoll. Never given out twice.
  uint64_t serial;
  /// The condition held when last looked at; in the list of what is to be told; not to be told; to go without being told.
  bool active, queued, disabled, dropping;
  /// Descriptors.
  enum kind kind;
  int domain;
  dev_t device;
  ino_t inode;
  /// User events.
  bool triggered;
  /// Timers, signals and processes: a descriptor of the double's own, or -1.
  int source;
};

/// What a kernel calls filterops.
struct filter {
  /// The ident is a descriptor.
  bool is_file;
  /// An errno, or 0.
  int (*attach)(struct knote *knote);
  void (*detach)(struct knote *knote);
  /// Whether the condition holds, and fills event.data, .fflags and .flags. `told`: epoll reported something.
  bool (*look)(struct knote *knote, bool told);
  /// May be NULL. Takes what a change of an existing knote says; without it the fflags and data are stored.
  void (*touch)(struct knote *knote, struct kevent *change);
  /// May be NULL. Makes the event to be told, and clears what EV_CLEAR clears.
  void (*tell)(struct knote *knote, struct kevent *event);
  /// May be NULL. Starts or stops listening, as the knote is enabled or disabled.
  void (*listen)(struct knote *knote);
};

extern const struct filter file_filter, timer_filter, user_filter, signal_filter, process_filter;

struct queue {
  pthread_mutex_t lock;
  /// The user's descriptor.
  int number;
  /// The epoll instance of the write filters, or -1.
  int writers;
  /// Of the registry: who is inside, and whether the descriptor was found closed.
  unsigned users;
  bool is_closed;
  struct queue *next_queue;

  struct knote *by_name[buckets], *by_serial[buckets];
  struct knote *first, *last;
  unsigned count;
  bool rings;
};

// registry.c: which queue a descriptor is.

/// The queue of a descriptor, to be given back, or NULL.
struct queue *queue_acquire(int number);
void queue_release(struct queue *queue);
/// Whether its descriptor is still open, and still it.
bool queue_is_open(struct queue *queue);
/// Whether some queue has this number.
bool queue_exists(int number);

// queue.c: a queue's own descriptors.

struct queue *queue_make(int bell);
void queue_free(struct queue *queue);
/// The epoll instance for a filter, or -1 with errno.
int queue_listener(struct queue *queue, short filter);
/// Makes the queue readable while there is something to be told.
void queue_ring(struct queue *queue);
/// Whether an epoll instance knows this very file by this very number. Nothing changes.
bool listener_knows(int listener, int number);
int the_bell(void);
/// What epoll reports for the bell, and for the epoll instance of the write filters. No knote has these serials.
enum { serial_bell = 0, serial_writers = 1, first_serial = 2 };

// knote.c

struct knote *knote_find(struct queue *queue, uintptr_t ident, short filter);
struct knote *knote_find_serial(struct queue *queue, uint64_t serial);
struct knote *knote_make(struct queue *queue, const struct filter *filter, const struct kevent *change);
/// Takes it out of everything and frees it. `detach` is false when there is nothing left to detach from.
void knote_drop(struct knote *knote, bool detach);
void knote_enqueue(struct knote *knote);
void knote_dequeue(struct knote *knote);
/// The condition holds: to be told, unless disabled.
void knote_activate(struct knote *knote);
void knote_set_disabled(struct knote *knote, bool disabled);
/// Whether it still stands for the descriptor that it was made for.
bool knote_is_current(struct knote *knote);

// source.c: descriptors of the double's own, watched by the queue.

/// An errno, or 0; takes the descriptor, also when it fails.
int source_attach(struct knote *knote, int descriptor);
void source_detach(struct knote *knote);

// file.c and look.c

bool file_is_current(struct knote *knote);
bool file_look_read(struct knote *knote);
bool file_look_write(struct knote *knote);

// change.c, scan.c

/// An errno, or 0.
int change_apply(struct queue *queue, struct kevent *change);
/// How many events, or the negated errno.
int scan(struct queue *queue, struct kevent *events, int room, const struct timespec *timeout);

// yield.c

void yield_at_random(void);

#endif
