// What the test double of kqueue(2) offers besides what <sys/event.h> has. Tests alone use it, and the C of the backend, to learn
// what a real system's headers and name would tell it.

#ifndef KQUEUE_MODEL_H
#define KQUEUE_MODEL_H

#include <stdbool.h>

/// How often, in percent, a thread lets others run between two entries of its change list, so that interleavings show that
/// are rare on a real kernel. At first it is what the environment variable KQUEUE_MODEL_YIELD says, or else 20.
void kqueue_model_set_yield(unsigned percent);

/// Lets go of what is kept for queues whose descriptors were closed. It also happens whenever a queue is made; a test that
/// counts descriptors calls it first.
void kqueue_model_collect(void);

/// Whose kqueue(2) the double is like: the environment variable KQUEUE_MODEL_PROFILE says freebsd, xnu, openbsd or netbsd, once
/// for the process; freebsd if it says nothing. Another name ends the process.
const char *kqueue_model_profile(void);

/// Queues that this thread makes from now on are like another system's, or like the process's again for NULL. Returns whether
/// there is a profile of that name.
bool kqueue_model_use_profile(const char *name);

/// Whether the user data of a filter change with EV_ADD alone (C9), by the process's profile.
bool kqueue_model_keeps_user_data(void);

/// Whether timers are coalesced unless they say KQUEUE_MODEL_NOTE_CRITICAL (T7), by the process's profile.
bool kqueue_model_coalesces_timers(void);

/// How many timers were set that the system may coalesce.
unsigned kqueue_model_coalesced_timers(void);

/// Whether there is sigtimedwait(2) (S4), by the process's profile.
bool kqueue_model_has_sigtimedwait(void);

/// Around taking pending signals: the double takes them itself for an instant, and must not do so meanwhile.
void kqueue_model_taking_signals(bool begins);

/// NOTE_CRITICAL, which only one of the profiles has: so it has no name in <sys/event.h>.
#define KQUEUE_MODEL_NOTE_CRITICAL 0x00000020

#endif
