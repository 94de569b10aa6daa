// kqueue(2) as a test double for Linux. struct kevent's layout and all numbers are FreeBSD 15's on 64-bit machines; FACTS.md
// lists what the double implements, and what not.

#ifndef KQUEUE_MODEL_SYS_EVENT_H
#define KQUEUE_MODEL_SYS_EVENT_H

#include <stdint.h>
#include <time.h>

#if defined(__cplusplus)
extern "C" {
#endif

struct kevent {
  uintptr_t ident;
  short filter;
  unsigned short flags;
  unsigned int fflags;
  int64_t data;
  void *udata;
  uint64_t ext[4];
};

/// Evaluates each argument once.
#define EV_SET(kevp, a, b, c, d, e, f)                   \
  do {                                                   \
    const struct kevent ev_set_event = {.ident = (a),    \
                                        .filter = (b),   \
                                        .flags = (c),    \
                                        .fflags = (d),   \
                                        .data = (e),     \
                                        .udata = (f)};   \
    *(kevp) = ev_set_event;                              \
  } while (0)

// Filters.
#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_AIO (-3)
#define EVFILT_VNODE (-4)
#define EVFILT_PROC (-5)
#define EVFILT_SIGNAL (-6)
#define EVFILT_TIMER (-7)
#define EVFILT_PROCDESC (-8)
#define EVFILT_FS (-9)
#define EVFILT_LIO (-10)
#define EVFILT_USER (-11)
#define EVFILT_SENDFILE (-12)
#define EVFILT_EMPTY (-13)
#define EVFILT_SYSCOUNT 15

// Effects of a change.
#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_ENABLE 0x0004
#define EV_DISABLE 0x0008
#define EV_FORCEONESHOT 0x0100
#define EV_KEEPUDATA 0x0200

// Behaviour of an event.
#define EV_ONESHOT 0x0010
#define EV_CLEAR 0x0020
#define EV_RECEIPT 0x0040
#define EV_DISPATCH 0x0080

// Reserved, and returned flags.
#define EV_SYSFLAGS 0xF000
#define EV_ERROR 0x4000
#define EV_EOF 0x8000

// EVFILT_USER.
#define NOTE_FFNOP 0x00000000
#define NOTE_FFAND 0x40000000
#define NOTE_FFOR 0x80000000
#define NOTE_FFCOPY 0xc0000000
#define NOTE_FFCTRLMASK 0xc0000000
#define NOTE_FFLAGSMASK 0x00ffffff
#define NOTE_TRIGGER 0x01000000

// EVFILT_READ and EVFILT_WRITE.
#define NOTE_LOWAT 0x00000001
#define NOTE_FILE_POLL 0x00000002

// EVFILT_PROC.
#define NOTE_EXIT 0x80000000
#define NOTE_FORK 0x40000000
#define NOTE_EXEC 0x20000000
#define NOTE_TRACK 0x00000001
#define NOTE_TRACKERR 0x00000002
#define NOTE_CHILD 0x00000004

// EVFILT_TIMER.
#define NOTE_SECONDS 0x00000001
#define NOTE_MSECONDS 0x00000002
#define NOTE_USECONDS 0x00000004
#define NOTE_NSECONDS 0x00000008
#define NOTE_ABSTIME 0x00000010

int kqueue(void);
int kevent(int kq, const struct kevent *changelist, int nchanges, struct kevent *eventlist, int nevents,
           const struct timespec *timeout);

#if defined(__cplusplus)
}
#endif

#endif
