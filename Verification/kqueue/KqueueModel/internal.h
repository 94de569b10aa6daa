// The parts of the double. A queue is an epoll(7) instance whose number the user holds. In it are
//   - what read filters watch, and what the double opened itself for timers, signals and processes,
//   - another epoll instance with what write filters watch: so that the two directions of one descriptor are told apart,
//   - the waker, an eventfd that is always readable and rings the queue when it is watched for reading,
//   - the knock, an eventfd by which other threads say that something has happened of which epoll tells nothing.
// All are watched by edge, or need no reading: epoll is only how the double hears that a filter has to be asked again, as a
// kernel hears it by KNOTE(). Whether there is an event, what it says, and who gets it, is decided here, under one lock.

#ifndef KQUEUE_MODEL_INTERNAL_H
#define KQUEUE_MODEL_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/event.h>
#include <sys/types.h>

enum { buckets = 256 };

/// What systems differ in: FACTS.md names each, by the letter and number here.
struct profile {
  const char *name;
  /// C9: no change without EV_ADD sets udata, or runs the filter of what is enabled already.
  bool changes_udata_by_add_alone;
  /// C10: and enabling does not run the filter either, unless it says so here.
  bool looks_on_enabling;
  /// C4, C5, C6: EV_KEEPUDATA and EV_FORCEONESHOT exist, and contradictions are refused.
  bool knows_keep_udata;
  /// C7: which of EV_ADD and EV_DELETE wins, if not the one that has something to do.
  bool deletes_rather_than_adds, adds_rather_than_deletes;
  /// E1, E3, E7.
  bool receipts_keep_flags, receipts_need_no_room, finds_knotes_first;
  /// D2: also what is told once is looked at again as it is told.
  bool looks_at_once_told;
  /// D9: queues may watch one another in a circle.
  bool nests_in_circles;
  /// P1, P2.
  bool watches_broken_pipes, has_pipes_of_two_ways, tells_end_at_wrong_end;
  /// U0, U1.
  bool has_user_events, triggers_on_adding;
  /// T2, T3, T4, T7.
  bool refuses_timers_of_no_time, refuses_bad_settings, fires_past_timers, restarts_timers_always, coalesces_timers;
  /// T6: timers fire so many nanoseconds late, at the next multiple of so many.
  int64_t timer_delay, timer_step;
  /// S1, S4, X1, Q3.
  bool refuses_other_signals, has_sigtimedwait, watches_zombies, is_close_on_exec;
};

/// That of the queues that this thread makes.
const struct profile *profile_now(void);

/// What stands behind a descriptor, as far as filters care.
enum kind { kind_other, kind_stream, kind_datagram, kind_pipe, kind_fifo, kind_queue, kind_file };

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
  /// What epoll reports is to be passed over.
  bool is_deaf;
  /// Descriptors.
  enum kind kind;
  /// Nothing reports to epoll: a file, or a queue in a circle.
  bool is_unheard;
  int domain;
  dev_t device;
  ino_t inode;
  /// User events.
  bool triggered;
  /// Signals: how many of all that came were counted; told and still pending, as far as is known.
  uint64_t counted;
  bool is_held;
  struct knote *next_signal;
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
  /// May be NULL. Takes what a change of an existing knote says, for an errno or 0; without it the fflags and data are stored.
  int (*touch)(struct knote *knote, struct kevent *change);
  /// May be NULL. Makes the event to be told, and clears what EV_CLEAR clears.
  void (*tell)(struct knote *knote, struct kevent *event);
  /// May be NULL. Starts or stops listening, as the knote is enabled or disabled.
  void (*listen)(struct knote *knote);
};

extern const struct filter file_filter, timer_filter, user_filter, signal_filter, process_filter;

struct queue {
  pthread_mutex_t lock;
  const struct profile *profile;
  /// The user's descriptor.
  int number;
  /// The epoll instance of the write filters, or -1.
  atomic_int writers;
  /// From the first write filter or signal on, or -1.
  atomic_int knock;
  /// Of the registry: who is inside, and whether the descriptor was found closed.
  unsigned users;
  bool is_closed;
  struct queue *next_queue;

  struct knote *by_name[buckets], *by_serial[buckets];
  struct knote *first, *last;
  unsigned count;
  bool rings;
  /// Its waker, of the registry's.
  int waker;
  /// Its signals; and as a set, which other threads read.
  struct knote *signals;
  atomic_uint_fast64_t signal_set;
};

/// How many locks of the process this thread holds. A handler that interrupts it must not want one.
extern _Thread_local unsigned locks_held;

// registry.c: which queue a descriptor is.

/// The queue of a descriptor, to be given back, or NULL.
struct queue *queue_acquire(int number);
void queue_release(struct queue *queue);
/// Whether its descriptor is still open, and still it.
bool queue_is_open(struct queue *queue);
/// Whether some queue has this number.
bool queue_exists(int number);
/// Knocks at each queue of which something is so; from any thread, and without a look at a descriptor of the user's.
void queues_knock(bool (*is_so)(struct queue *queue, int argument), int argument);

// queue.c: a queue's own descriptors.

struct queue *queue_make(int waker);
void queue_free(struct queue *queue);
/// The epoll instance for a filter, or -1 with errno.
int queue_listener(struct queue *queue, short filter);
/// Lets others knock. An errno, or 0.
int queue_open_knock(struct queue *queue);
/// Makes the queue readable while there is something to be told.
void queue_ring(struct queue *queue);
/// Whether an epoll instance knows this very file by this very number. Nothing changes.
bool listener_knows(int listener, int number);
/// What epoll reports for the waker, the epoll instance of the write filters, and the knock. No knote has these serials.
enum { serial_bell = 0, serial_writers = 1, serial_knock = 2, first_serial = 3 };

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
/// Looks again at streams that were shut down.
void file_hear_ends(struct queue *queue);

// change.c, scan.c

/// An errno, or 0.
int change_apply(struct queue *queue, struct kevent *change);
/// Takes what epoll reports, and looks again at what it is of.
void harvest_all(struct queue *queue);
/// Looks again at signals that were told and not taken. Those of another queue, if it is not busy.
void signals_look(struct queue *queue);
void signals_look_elsewhere(int number);
/// In a child that nobody prepared.
void signals_start_afresh(void);
/// How many events, or the negated errno.
int scan(struct queue *queue, struct kevent *events, int room, const struct timespec *timeout);

// yield.c

void yield_at_random(void);

#endif
