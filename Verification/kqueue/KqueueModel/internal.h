// A queue is an epoll(7) instance whose number the user holds. It contains
// - the descriptors of read filters, and the double's own for timers, signals and processes,
// - another epoll instance with those of write filters, to tell a descriptor's directions apart,
// - the waker, an always readable eventfd, watched for reading to make the queue readable,
// - the knock, an eventfd by which other threads signal what epoll does not report.
//
// All are edge-triggered, or need no reading: epoll only tells the double to check a filter again, as KNOTE() tells a kernel.
// Whether there is an event, with what, for which thread, is decided here, under one lock.

#ifndef KQUEUE_MODEL_INTERNAL_H
#define KQUEUE_MODEL_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/event.h>
#include <sys/types.h>

enum { buckets = 256 };

/// The differences between systems, by FACTS.md's letters and numbers.
struct profile {
  const char *name;
  /// C9: only EV_ADD sets udata, or runs an enabled knote's filter.
  bool changes_udata_by_add_alone;
  /// C10: enabling does not run the filter either, unless set.
  bool looks_on_enabling;
  /// C4, C5, C6: EV_KEEPUDATA and EV_FORCEONESHOT exist, and contradictions are refused.
  bool knows_keep_udata;
  /// C7: whether EV_ADD or EV_DELETE wins; if neither is set, the one with an effect.
  bool deletes_rather_than_adds, adds_rather_than_deletes;
  /// E1, E3, E7.
  bool receipts_keep_flags, receipts_need_no_room, finds_knotes_first;
  /// D2: delivery checks one-shot knotes again, too.
  bool looks_at_once_told;
  /// D9: queues may watch one another in a circle.
  bool nests_in_circles;
  /// P1, P2.
  bool watches_broken_pipes, has_pipes_of_two_ways, tells_end_at_wrong_end;
  /// U0, U1.
  bool has_user_events, triggers_on_adding;
  /// T2, T3, T4, T7.
  bool refuses_timers_of_no_time, refuses_bad_settings, fires_past_timers, restarts_timers_always, coalesces_timers;
  /// T6: timers fire this many nanoseconds late, at the next multiple of the step.
  int64_t timer_delay, timer_step;
  /// S1, S4, X1, Q3.
  bool refuses_other_signals, has_sigtimedwait, watches_zombies, is_close_on_exec;
};

/// The profile of this thread's new queues.
const struct profile *profile_now(void);

/// A descriptor's kind, as far as filters depend on it.
enum kind { kind_other, kind_stream, kind_datagram, kind_pipe, kind_fifo, kind_queue, kind_file };

struct knote {
  struct knote *next_by_name, *next_by_serial;
  struct knote *previous, *next;
  struct queue *queue;
  const struct filter *filter;
  /// As delivered: ident, filter and udata, the flags that stay, and the filter's last result.
  struct kevent event;
  /// The user's fflags and data.
  unsigned given_fflags;
  int64_t given_data;
  /// For epoll; never reused.
  uint64_t serial;
  /// The condition held at the last check; in the delivery list; not to be delivered; to be removed undelivered.
  bool active, queued, disabled, dropping;
  /// epoll's reports are ignored.
  bool is_deaf;
  /// Descriptors.
  enum kind kind;
  /// epoll reports nothing: a file, or a queue in a circle.
  bool is_unheard;
  int domain;
  dev_t device;
  ino_t inode;
  /// User events.
  bool triggered;
  /// Signals: how many arrived ones were counted; whether one was delivered and is still pending, as far as is known.
  uint64_t counted;
  bool is_held;
  struct knote *next_signal;
  /// Timers, signals and processes: the double's own descriptor, or -1.
  int source;
};

/// A kernel's filterops.
struct filter {
  /// The ident is a descriptor.
  bool is_file;
  /// Returns an errno, or 0.
  int (*attach)(struct knote *knote);
  void (*detach)(struct knote *knote);
  /// Returns whether the condition holds, and fills event.data, .fflags and .flags. `told`: epoll reported something.
  bool (*look)(struct knote *knote, bool told);
  /// May be NULL: stores the fflags and data. Applies a change of an existing knote, and returns an errno or 0.
  int (*touch)(struct knote *knote, struct kevent *change);
  /// May be NULL. Makes the event to deliver, and clears for EV_CLEAR.
  void (*tell)(struct knote *knote, struct kevent *event);
  /// May be NULL. Starts or stops listening as the knote is enabled or disabled.
  void (*listen)(struct knote *knote);
};

extern const struct filter file_filter, timer_filter, user_filter, signal_filter, process_filter;

struct queue {
  pthread_mutex_t lock;
  const struct profile *profile;
  /// The user's descriptor.
  int number;
  /// The write filters' epoll instance, or -1.
  atomic_int writers;
  /// From the first write filter or signal on; -1 before.
  atomic_int knock;
  /// The registry's: the threads inside, and whether the descriptor was found closed.
  unsigned users;
  bool is_closed;
  struct queue *next_queue;

  struct knote *by_name[buckets], *by_serial[buckets];
  struct knote *first, *last;
  unsigned count;
  bool rings;
  /// One of the registry's.
  int waker;
  /// Its signals, also as a set for other threads.
  struct knote *signals;
  atomic_uint_fast64_t signal_set;
};

/// This thread's process-wide locks: a handler that interrupts it must not take one.
extern _Thread_local unsigned locks_held;

// registry.c: a descriptor's queue.

/// Returns a descriptor's queue, to be released, or NULL.
struct queue *queue_acquire(int number);
void queue_release(struct queue *queue);
/// Returns whether its descriptor is open, and this queue's.
bool queue_is_open(struct queue *queue);
/// Returns whether some queue has this number.
bool queue_exists(int number);
/// Signals the knock of each matching queue; from any thread, without touching a user's descriptor.
void queues_knock(bool (*is_so)(struct queue *queue, int argument), int argument);

// queue.c: a queue's own descriptors.

struct queue *queue_make(int waker);
void queue_free(struct queue *queue);
/// Returns a filter's epoll instance, or -1 with errno.
int queue_listener(struct queue *queue, short filter);
/// Lets other threads signal the queue. Returns an errno, or 0.
int queue_open_knock(struct queue *queue);
/// Makes the queue readable while there is something to deliver.
void queue_ring(struct queue *queue);
/// Returns whether an epoll instance knows this file by this number, without a change.
bool listener_knows(int listener, int number);
/// epoll's data for the waker, the write filters' instance, and the knock; no knote's serials.
enum { serial_bell = 0, serial_writers = 1, serial_knock = 2, first_serial = 3 };

// knote.c

struct knote *knote_find(struct queue *queue, uintptr_t ident, short filter);
struct knote *knote_find_serial(struct queue *queue, uint64_t serial);
struct knote *knote_make(struct queue *queue, const struct filter *filter, const struct kevent *change);
/// Removes and frees a knote. `detach` is false with nothing left to detach from.
void knote_drop(struct knote *knote, bool detach);
void knote_enqueue(struct knote *knote);
void knote_dequeue(struct knote *knote);
/// The condition holds: lists the knote unless disabled.
void knote_activate(struct knote *knote);
void knote_set_disabled(struct knote *knote, bool disabled);
/// Returns whether the knote's descriptor is still its own.
bool knote_is_current(struct knote *knote);

// source.c: the double's descriptors, watched by the queue.

/// Returns an errno, or 0; takes the descriptor even on failure.
int source_attach(struct knote *knote, int descriptor);
void source_detach(struct knote *knote);

// file.c and look.c

bool file_is_current(struct knote *knote);
bool file_look_read(struct knote *knote);
bool file_look_write(struct knote *knote);
/// Checks streams that were shut down again.
void file_hear_ends(struct queue *queue);

// change.c, scan.c

/// Returns an errno, or 0.
int change_apply(struct queue *queue, struct kevent *change);
/// Takes epoll's reports, and checks their filters again.
void harvest_all(struct queue *queue);
/// Checks delivered, untaken signals again; the second does so in another queue, if not busy.
void signals_look(struct queue *queue);
void signals_look_elsewhere(int number);
/// For a child without fork handlers.
void signals_start_afresh(void);
/// Returns the number of events, or the negated errno.
int scan(struct queue *queue, struct kevent *events, int room, const struct timespec *timeout);

// yield.c

void yield_at_random(void);

#endif
