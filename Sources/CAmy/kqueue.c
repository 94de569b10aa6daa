// Implements CAmyKqueue.h.

#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "CAmyKqueue.h"

#if defined(AMY_HAS_KQUEUE)

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// Properties that no header states. The test double of kqueue(2) states them at run time, since it can be like several systems.
#if __has_include(<KqueueModel.h>)
#include <KqueueModel.h>
#define KEEPS_USER_DATA kqueue_model_keeps_user_data()
#define UNCOALESCED (kqueue_model_coalesces_timers() ? KQUEUE_MODEL_NOTE_CRITICAL : 0)
#else
#if defined(__OpenBSD__) || defined(__NetBSD__)
#define KEEPS_USER_DATA true
#else
#define KEEPS_USER_DATA false
#endif
#if defined(NOTE_CRITICAL)
#define UNCOALESCED NOTE_CRITICAL
#else
#define UNCOALESCED 0
#endif
#endif

int amy_kqueue_create(void) {
  int queue = kqueue();
  if (queue < 0) return -errno;
  if (fcntl(queue, F_SETFD, FD_CLOEXEC) == 0) return queue;
  int error = errno;
  close(queue);
  return -error;
}

// The kernel chooses the device's number, so stat(2) looks it up: only for character devices, few of which are registered.
static bool is_null_device(const struct stat *status) {
  struct stat null;
  return stat("/dev/null", &null) == 0 && S_ISCHR(null.st_mode) && null.st_rdev == status->st_rdev;
}

int amy_kqueue_check(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) < 0) return -errno;
  if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode)) return -EPERM;
  return S_ISCHR(status.st_mode) && is_null_device(&status) ? -EPERM : 0;
}

bool amy_descriptor_is_open(int descriptor) {
  return fcntl(descriptor, F_GETFD) >= 0;
}

// Changes.

bool amy_kqueue_keeps_user_data(void) {
  return KEEPS_USER_DATA;
}

enum { most_changes = 4 };

static struct kevent change_of(uintptr_t ident, int filter, uint32_t flags, uint64_t token) {
  struct kevent change;
  EV_SET(&change, ident, filter, flags | EV_RECEIPT, 0, 0, (void *)(uintptr_t)token);
  return change;
}

// With a receipt for each change and no room for more, kevent(2) reports nothing else, and never waits. `results` gets 0, or
// the negated errno, for each.
static void apply(int queue, const struct kevent *changes, int *const *results, int count) {
  struct kevent receipts[most_changes];
  const struct timespec no_time = {0, 0};
  int answered = kevent(queue, changes, count, receipts, count, &no_time);
  int error = answered < 0 ? errno : EIO;
  for (int index = 0; index < count; index += 1) {
    if (index >= answered) {
      *results[index] = -error;
    } else {
      *results[index] = receipts[index].flags & EV_ERROR ? -(int)receipts[index].data : 0;
    }
  }
}

struct amy_kqueue_receipts amy_kqueue_change(int queue, int descriptor, uint32_t read, uint32_t write, uint64_t token) {
  struct amy_kqueue_receipts receipts = {0, 0, 0, 0};
  struct kevent changes[most_changes];
  int *results[most_changes];
  int count = 0;
  const struct {
    int filter;
    uint32_t flags;
    int *deleted, *changed;
  } wanted[] = {
      {EVFILT_READ, read, &receipts.read_deleted, &receipts.read},
      {EVFILT_WRITE, write, &receipts.write_deleted, &receipts.write},
  };
  for (int index = 0; index < 2; index += 1) {
    uint32_t flags = wanted[index].flags;
    if (flags & EV_DELETE) {
      changes[count] = change_of((uintptr_t)descriptor, wanted[index].filter, EV_DELETE, 0);
      results[count++] = wanted[index].deleted;
      flags &= ~(uint32_t)EV_DELETE;
    }
    if (flags != 0) {
      changes[count] = change_of((uintptr_t)descriptor, wanted[index].filter, flags, token);
      results[count++] = wanted[index].changed;
    }
  }
  if (count > 0) apply(queue, changes, results, count);
  return receipts;
}

// Waiting.

int amy_kqueue_wait(int queue, void *entries, int limit, uint64_t nanoseconds) {
  // XNU and NetBSD refuse longer timeouts (itimerfix).
  const uint64_t most_seconds = 100000000;
  struct timespec timeout = {0, 0};
  uint64_t seconds = nanoseconds / 1000000000;
  if (seconds < most_seconds) {
    timeout.tv_sec = (time_t)seconds;
    timeout.tv_nsec = (long)(nanoseconds % 1000000000);
  } else {
    timeout.tv_sec = (time_t)most_seconds;
  }
  int count = kevent(queue, NULL, 0, entries, limit, nanoseconds == UINT64_MAX ? NULL : &timeout);
  return count >= 0 ? count : -errno;
}

// The alarm.

int amy_kqueue_set_alarm(int queue, uint64_t nanoseconds) {
  // No alarm has to be longer than a day. Kernels refuse what their unit cannot hold, and NetBSD a span of zero.
  const uint64_t most = 86400ull * 1000000000;
  if (nanoseconds > most) nanoseconds = most;
  if (nanoseconds == 0) nanoseconds = 1;
  struct kevent change = change_of(0, EVFILT_TIMER, EV_ADD | EV_ONESHOT, amy_kqueue_alarm_token);
#if defined(NOTE_NSECONDS)
  // A kernel that truncates to its ticks fires early: the woken thread checks the clock.
  change.fflags = NOTE_NSECONDS | UNCOALESCED;
  change.data = (intptr_t)nanoseconds;
#else
  // Milliseconds.
  change.fflags = UNCOALESCED;
  change.data = (intptr_t)((nanoseconds + 999999) / 1000000);
#endif
  return kevent(queue, &change, 1, NULL, 0, NULL) < 0 ? -errno : 0;
}

// The waker. Its user data are 0.

#if !defined(MSG_NOSIGNAL)
// Darwin has user events, and Amy writes to no socket there.
#define MSG_NOSIGNAL 0
#endif

static int set(int queue, uintptr_t ident, int filter, unsigned flags, unsigned fflags) {
  struct kevent change;
  EV_SET(&change, ident, filter, flags, fflags, 0, NULL);
  return kevent(queue, &change, 1, NULL, 0, NULL) < 0 ? -errno : 0;
}

// Two user events: reporting clears the first; every wait reports the second, made on demand.
enum { once_waker = 0, permanent_waker = 1 };

static int make_user_event(int queue, uintptr_t ident, unsigned flags) {
#if defined(EVFILT_USER) && !defined(AMY_KQUEUE_WITHOUT_USER_EVENTS)
  return set(queue, ident, EVFILT_USER, EV_ADD | flags, 0);
#else
  (void)queue, (void)ident, (void)flags;
  return -EINVAL;
#endif
}

static int trigger_user_event(int queue, uintptr_t ident) {
#if defined(EVFILT_USER) && !defined(AMY_KQUEUE_WITHOUT_USER_EVENTS)
  return set(queue, ident, EVFILT_USER, 0, NOTE_TRIGGER);
#else
  (void)queue, (void)ident;
  return -EINVAL;
#endif
}

static int make_quiet(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
  return fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

static int make_sockets(int queue, struct amy_kqueue_waker *waker) {
  int ends[2];
  // Not a pipe: its end becomes readable for good only by closing a number that another thread writes to.
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) return -errno;
  *waker = (struct amy_kqueue_waker){ends[0], ends[1]};
  int result = make_quiet(ends[0]);
  if (result == 0) result = make_quiet(ends[1]);
  if (result == 0) result = set(queue, (uintptr_t)ends[1], EVFILT_READ, EV_ADD | EV_CLEAR, 0);
  if (result < 0) amy_kqueue_waker_close(*waker);
  return result;
}

int amy_kqueue_waker_make(int queue, struct amy_kqueue_waker *waker) {
  *waker = (struct amy_kqueue_waker){-1, -1};
  int result = make_user_event(queue, once_waker, EV_CLEAR);
  // The kernel has no such filter, being older than the headers, or they lack it too.
  return result == -EINVAL ? make_sockets(queue, waker) : result;
}

int amy_kqueue_waker_signal(int queue, struct amy_kqueue_waker waker) {
  if (waker.writer < 0) return trigger_user_event(queue, once_waker);
  const char byte = 1;
  // A full buffer signals already, and so does the permanent signal.
  if (send(waker.writer, &byte, 1, MSG_NOSIGNAL) == 1 || errno == EAGAIN || errno == EPIPE) return 0;
  return -errno;
}

void amy_kqueue_waker_signal_permanently(int queue, struct amy_kqueue_waker waker) {
  if (waker.writer < 0) {
    bool stands = make_user_event(queue, permanent_waker, 0) == 0 && trigger_user_event(queue, permanent_waker) == 0;
    // Without memory the first waker has to do, which ends one wait.
    if (!stands) amy_kqueue_waker_signal(queue, waker);
    return;
  }
  // Reading cannot remove the end of a stream.
  shutdown(waker.writer, SHUT_WR);
  // EV_CLEAR sticks until the filter is deleted.
  set(queue, (uintptr_t)waker.reader, EVFILT_READ, EV_DELETE, 0);
  set(queue, (uintptr_t)waker.reader, EVFILT_READ, EV_ADD, 0);
}

// Consumes all signals until now, which ended the wait that returns after this.
void amy_kqueue_waker_drain(int queue, struct amy_kqueue_waker waker) {
  (void)queue;
  char bytes[256];
  while (waker.reader >= 0 && recv(waker.reader, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes) {}
}

void amy_kqueue_waker_close(struct amy_kqueue_waker waker) {
  if (waker.writer >= 0) close(waker.writer);
  if (waker.reader >= 0) close(waker.reader);
}

#endif
