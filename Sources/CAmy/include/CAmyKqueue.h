// kqueue(2): macOS and its relatives, the BSDs, and whatever else has a <sys/event.h>, as this package's test double on Linux.
//
// struct kevent has a pointer and differs from system to system, so Swift never sees one: changes go in as numbers, and events
// come out as a struct without pointers.

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

// What the Swift side believes of struct kevent. An ident holds a descriptor, and the user data hold 64 bits that are ours.
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

/// Bytes from one event to the next where the kernel writes them.
enum { amy_kqueue_stride = sizeof(struct kevent) };

_Static_assert(amy_kqueue_stride >= 16, "an event of Amy's fits where the kernel wrote one");
_Static_assert(_Alignof(struct kevent) <= 8, "an array of Amy's events is aligned well enough");

// What can be said of a filter, as constants that Swift imports with their type.
static const uint32_t amy_kqueue_add = EV_ADD;
static const uint32_t amy_kqueue_delete = EV_DELETE;
static const uint32_t amy_kqueue_enable = EV_ENABLE;
static const uint32_t amy_kqueue_disable = EV_DISABLE;
static const uint32_t amy_kqueue_clear = EV_CLEAR;
static const uint32_t amy_kqueue_dispatch = EV_DISPATCH;

// Errors that are the backend's own.
static const int amy_not_pollable = -EPERM;
static const int amy_not_registered = -ENOENT;
static const int amy_already_registered = -EEXIST;
static const int amy_not_supported = -ENOTSUP;
static const int amy_bad_descriptor = -EBADF;
static const int amy_is_the_queue = -EINVAL;
static const int amy_cannot_be_changed = -EINVAL;
static const int amy_no_memory = -ENOMEM;
static const int amy_is_due = -EALREADY;

/// kqueue(2), close-on-exec. No child inherits it by fork(2), so nothing is lost by doing it in two steps.
int amy_kqueue_create(void);

/// fstat(2): 0 for what kqueue waits for as epoll does; EPERM for regular files, directories, block devices and /dev/null,
/// which it would call ready, or EBADF.
int amy_kqueue_check(int descriptor);

/// Whether a number is that of an open descriptor: fcntl(2).
bool amy_descriptor_is_open(int descriptor);

/// Whether EV_ENABLE and EV_DISABLE leave the user data as they were, which EV_ADD alone changes: so that a filter has to be
/// deleted and added to be told under others. On OpenBSD, and on NetBSD before 10.
bool amy_kqueue_keeps_user_data(void);

/// What came of each change: 0, or the negated errno. 0 as well for what was not asked.
struct amy_kqueue_receipts {
  int read_deleted, write_deleted;
  int read, write;
};

/// kevent(2): changes the read and the write filter of a descriptor, in one call, with a receipt for each change.
///
/// For each filter flags of above, or 0 to leave it alone. amy_kqueue_delete together with amy_kqueue_add deletes first.
struct amy_kqueue_receipts amy_kqueue_change(int queue, int descriptor, uint32_t read, uint32_t write, uint64_t token);

/// Whether the negated errno of a receipt says that the file has no such filter, as a kqueue has none for writing, and a pipe
/// whose other end is closed (EPIPE).
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

/// The negated errno of a receipt, as epoll_ctl(2) would say it: EPERM for what cannot be polled.
static inline int amy_kqueue_refusal(int result) {
  return amy_kqueue_is_missing_filter(result) && result != -EPIPE ? -EPERM : result;
}

/// An event, as the backend wants to know it.
struct amy_kqueue_event {
  /// The user data of the filter.
  uint64_t token;
  /// Of the bits below.
  uint32_t what;
};

// The first two are Interest's and Readiness's own.
static const uint32_t amy_kqueue_readable = 1 << 0;
static const uint32_t amy_kqueue_writable = 1 << 2;
/// No more will come, or can be sent, in that direction.
static const uint32_t amy_kqueue_end = 1 << 8;
/// The socket's error came along, or the filter's.
static const uint32_t amy_kqueue_error = 1 << 9;

/// kevent(2) into room for `limit` events: without a timeout for 0, without an end for UINT64_MAX. It may return before a
/// timeout of more than three years is over.
int amy_kqueue_wait(int queue, void *entries, int limit, uint64_t nanoseconds);

/// The event at a position of what the kernel wrote.
static inline struct amy_kqueue_event amy_kqueue_event_at(const void *entries, intptr_t position) {
  const struct kevent *entry = (const struct kevent *)entries + position;
  struct amy_kqueue_event event = {.token = (uint64_t)(uintptr_t)entry->udata, .what = 0};
  if (entry->filter == EVFILT_READ) event.what = amy_kqueue_readable;
  if (entry->filter == EVFILT_WRITE) event.what = amy_kqueue_writable;
  if (entry->flags & (EV_EOF | EV_ERROR)) {
    if (entry->flags & EV_EOF) event.what |= amy_kqueue_end;
    // With the end comes the socket's error, if it has one: sys/kern/uipc_socket.c, filt_soread.
    if ((entry->flags & EV_ERROR) || entry->fflags != 0) event.what |= amy_kqueue_error;
  }
  return event;
}

/// The descriptor of the event at a position if each wait is told of it until something changes, or else -1.
static inline int amy_kqueue_told_again(const void *entries, intptr_t position) {
  const struct kevent *entry = (const struct kevent *)entries + position;
  if (entry->filter != EVFILT_READ && entry->filter != EVFILT_WRITE) return -1;
  return entry->flags & (EV_CLEAR | EV_DISPATCH | EV_ONESHOT) ? -1 : (int)entry->ident;
}

// User data that no registration has, since generations begin at 1.
static const uint64_t amy_kqueue_waker_token = 0;
static const uint64_t amy_kqueue_alarm_token = 1;

/// EVFILT_TIMER, once, after a span, in the place of what was set before: not earlier, and on Apple's systems not coalesced.
int amy_kqueue_set_alarm(int queue, uint64_t nanoseconds);

/// What wakes whoever waits: a user event; a pair of sockets where the kernel has none, in NetBSD before 10 and older OpenBSD.
struct amy_kqueue_waker {
  /// -1 for a user event.
  int writer, reader;
};

/// 0, or the negated errno.
int amy_kqueue_waker_make(int queue, struct amy_kqueue_waker *waker);
/// Makes one wait return, or the next. Adds up to one.
int amy_kqueue_waker_signal(int queue, struct amy_kqueue_waker waker);
/// Makes each wait return, now and for ever.
void amy_kqueue_waker_signal_permanently(int queue, struct amy_kqueue_waker waker);
/// By the wait that it ended, before that returns.
void amy_kqueue_waker_drain(int queue, struct amy_kqueue_waker waker);
void amy_kqueue_waker_close(struct amy_kqueue_waker waker);

#endif
#endif
