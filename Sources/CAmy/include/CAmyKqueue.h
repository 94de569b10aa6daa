// kqueue(2): macOS and its relatives, the BSDs, and any other system with a <sys/event.h>, such as this package's test double
// on Linux.
//
// struct kevent has a pointer and differs between systems, so Swift never sees one: changes go in as numbers, and events come
// out without pointers.

#ifndef CAMY_KQUEUE_H
#define CAMY_KQUEUE_H

#if defined(__has_include)
#if __has_include(<sys/event.h>)
#define AMY_HAS_KQUEUE 1
#endif
#endif

#if defined(AMY_HAS_KQUEUE)

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/event.h>
#include <time.h>

// What Swift assumes about struct kevent: an ident holds a descriptor, and the user data 64 bits of Amy's.
_Static_assert(sizeof(((struct kevent *)0)->ident) == 8, "an ident is 64 bits");
_Static_assert((__typeof__(((struct kevent *)0)->ident))-1 > 0, "an ident is unsigned");
_Static_assert(sizeof(((struct kevent *)0)->udata) == 8, "the user data are 64 bits");
_Static_assert(sizeof(((struct kevent *)0)->data) == 8, "the data are 64 bits");
_Static_assert((__typeof__(((struct kevent *)0)->data))-1 < 0, "the data are signed");
_Static_assert(sizeof(((struct kevent *)0)->fflags) == 4, "the filter's flags are 32 bits");
_Static_assert(offsetof(struct kevent, ident) == 0, "the ident comes first");
#if defined(__NetBSD__)
_Static_assert(sizeof(((struct kevent *)0)->filter) == 4 && EVFILT_READ == 0 && EVFILT_WRITE == 1, "filters count up");
_Static_assert(sizeof(((struct kevent *)0)->flags) == 4, "flags are 32 bits");
_Static_assert(sizeof(struct kevent) == 72 && offsetof(struct kevent, udata) == 32, "NetBSD's layout");
#else
_Static_assert(sizeof(((struct kevent *)0)->filter) == 2 && EVFILT_READ == -1 && EVFILT_WRITE == -2, "filters count down");
_Static_assert(sizeof(((struct kevent *)0)->flags) == 2, "flags are 16 bits");
_Static_assert(offsetof(struct kevent, filter) == 8 && offsetof(struct kevent, flags) == 10, "the layout that all share");
_Static_assert(offsetof(struct kevent, fflags) == 12 && offsetof(struct kevent, data) == 16, "the layout that all share");
_Static_assert(offsetof(struct kevent, udata) == 24, "the layout that all share");
#if defined(__APPLE__) || defined(__OpenBSD__)
_Static_assert(sizeof(struct kevent) == 32, "nothing after the user data");
#elif defined(__FreeBSD__)
_Static_assert(sizeof(struct kevent) == 64, "four words after the user data, since FreeBSD 12");
#else
_Static_assert(sizeof(struct kevent) == 32 || sizeof(struct kevent) == 64, "with or without the four words");
#endif
#endif

_Static_assert(EV_ADD == 0x1 && EV_DELETE == 0x2 && EV_ENABLE == 0x4 && EV_DISABLE == 0x8, "the same numbers everywhere");
_Static_assert(EV_CLEAR == 0x20 && EV_RECEIPT == 0x40 && EV_DISPATCH == 0x80, "the same numbers everywhere");
_Static_assert(EV_EOF == 0x8000 && EV_ERROR == 0x4000, "the same numbers everywhere");

enum { amy_kqueue_stride = sizeof(struct kevent) };

_Static_assert(amy_kqueue_stride >= 16, "an event of Amy's fits where the kernel wrote one");
_Static_assert(_Alignof(struct kevent) <= 8, "an array of Amy's events is aligned well enough");

// Swift imports these with their type.
static const uint32_t amy_kqueue_add = EV_ADD;
static const uint32_t amy_kqueue_delete = EV_DELETE;
static const uint32_t amy_kqueue_enable = EV_ENABLE;
static const uint32_t amy_kqueue_disable = EV_DISABLE;
static const uint32_t amy_kqueue_clear = EV_CLEAR;
static const uint32_t amy_kqueue_dispatch = EV_DISPATCH;

static const int amy_not_pollable = -EPERM;
static const int amy_not_registered = -ENOENT;
static const int amy_already_registered = -EEXIST;
static const int amy_not_supported = -ENOTSUP;
static const int amy_bad_descriptor = -EBADF;
static const int amy_is_the_queue = -EINVAL;
static const int amy_cannot_be_changed = -EINVAL;
static const int amy_no_memory = -ENOMEM;
static const int amy_is_due = -EALREADY;

/// kqueue(2), close-on-exec. No child inherits one by fork(2), so two steps lose nothing.
int amy_kqueue_create(void);

/// fstat(2): 0 for files that kqueue waits for as epoll does; EPERM for regular files, directories, block devices and
/// /dev/null, which kqueue would report as ready; or EBADF.
int amy_kqueue_check(int descriptor);

/// Whether a number is an open descriptor: fcntl(2).
bool amy_descriptor_is_open(int descriptor);

/// Whether only EV_ADD changes the user data, and EV_ENABLE and EV_DISABLE do not: then a filter must be deleted and added to
/// get others. True on OpenBSD, and on NetBSD before 10.
bool amy_kqueue_keeps_user_data(void);

/// Of each change: 0, also if it was not requested, or the negated errno.
struct amy_kqueue_receipts {
  int read_deleted, write_deleted;
  int read, write;
};

/// kevent(2): changes a descriptor's read and write filters in one call, with a receipt for each change.
///
/// Pass the flags above for each, or 0 to leave it alone. amy_kqueue_delete with amy_kqueue_add deletes first.
struct amy_kqueue_receipts amy_kqueue_change(int queue, int descriptor, uint32_t read, uint32_t write, uint64_t token);

/// Whether a receipt's negated errno says that the file has no such filter, as a kqueue has none for writing, nor a pipe whose
/// other end is closed (EPIPE).
static inline bool amy_kqueue_is_missing_filter(int result) {
  switch (-result) {
    case EINVAL:
    case ENODEV:
    case ENOTSUP:
#if EOPNOTSUPP != ENOTSUP
    case EOPNOTSUPP:
#endif
    case ENXIO:
    case EPERM:
    case EPIPE:
      return true;
    default:
      return false;
  }
}

/// A receipt's negated errno, as epoll_ctl(2) would return it: EPERM for a file that cannot be polled.
static inline int amy_kqueue_refusal(int result) {
  return amy_kqueue_is_missing_filter(result) && result != -EPIPE ? -EPERM : result;
}

struct amy_kqueue_event {
  /// The filter's user data.
  uint64_t token;
  /// A set of the bits below.
  uint32_t what;
};

// The first two are the bits of Interest and Readiness.
static const uint32_t amy_kqueue_readable = 1 << 0;
static const uint32_t amy_kqueue_writable = 1 << 2;
/// No more data comes, or can be sent, in that direction.
static const uint32_t amy_kqueue_end = 1 << 8;
/// The event came with the socket's or the filter's error.
static const uint32_t amy_kqueue_error = 1 << 9;

/// kevent(2) into room for `limit` events: 0 does not wait, UINT64_MAX waits without limit. May return early from a timeout of
/// more than three years.
int amy_kqueue_wait(int queue, void *entries, int limit, uint64_t nanoseconds);

static inline struct amy_kqueue_event amy_kqueue_event_at(const void *entries, intptr_t position) {
  const struct kevent *entry = (const struct kevent *)entries + position;
  struct amy_kqueue_event event = {.token = (uint64_t)(uintptr_t)entry->udata, .what = 0};
  if (entry->filter == EVFILT_READ) event.what = amy_kqueue_readable;
  if (entry->filter == EVFILT_WRITE) event.what = amy_kqueue_writable;
  if (entry->flags & (EV_EOF | EV_ERROR)) {
    if (entry->flags & EV_EOF) event.what |= amy_kqueue_end;
    // The end comes with the socket's error, if any: sys/kern/uipc_socket.c, filt_soread.
    if ((entry->flags & EV_ERROR) || entry->fflags != 0) event.what |= amy_kqueue_error;
  }
  return event;
}

/// The descriptor of the event at a position if each wait reports it until something changes, or else -1.
static inline int amy_kqueue_reported_again(const void *entries, intptr_t position) {
  const struct kevent *entry = (const struct kevent *)entries + position;
  if (entry->filter != EVFILT_READ && entry->filter != EVFILT_WRITE) return -1;
  return entry->flags & (EV_CLEAR | EV_DISPATCH | EV_ONESHOT) ? -1 : (int)entry->ident;
}

// No registration has these: generations begin at 1.
static const uint64_t amy_kqueue_waker_token = 0;
static const uint64_t amy_kqueue_alarm_token = 1;

/// EVFILT_TIMER, once, after a span, replacing the previous setting; on Apple's systems not coalesced. May fire early, so check
/// the clock: a span of more than a day fires after a day, and a kernel may truncate to its ticks.
int amy_kqueue_set_alarm(int queue, uint64_t nanoseconds);

/// The waker of waiting threads: a user event, or a pair of sockets in NetBSD before 10 and older OpenBSD, which have none.
struct amy_kqueue_waker {
  /// -1 for a user event.
  int writer, reader;
};

/// 0, or the negated errno.
int amy_kqueue_waker_make(int queue, struct amy_kqueue_waker *waker);
/// Makes one wait return: a current one, or the next. Several signals count as one.
int amy_kqueue_waker_signal(int queue, struct amy_kqueue_waker waker);
/// Makes each wait return, now and for ever.
void amy_kqueue_waker_signal_permanently(int queue, struct amy_kqueue_waker waker);
/// Called by the wait that the waker ended, before it returns.
void amy_kqueue_waker_drain(int queue, struct amy_kqueue_waker waker);
void amy_kqueue_waker_close(struct amy_kqueue_waker waker);

#endif
#endif
