// What the double of kqueue(2) adds to <sys/event.h>, only for tests, and for the backend's C, which a real system's headers
// and name would tell.

#ifndef KQUEUE_MODEL_H
#define KQUEUE_MODEL_H

#include <stdbool.h>

/// Sets how often, in percent, a thread lets others run between two entries of its change list, to expose interleavings that
/// are rare on a real kernel. Initially the environment variable KQUEUE_MODEL_YIELD, or else 20.
void kqueue_model_set_yield(unsigned percent);

/// Frees what is kept for queues with closed descriptors, as making a queue does; tests that count descriptors call it first.
void kqueue_model_collect(void);

/// Returns the system whose kqueue(2) the double imitates: freebsd, xnu, openbsd or netbsd, from the environment variable
/// KQUEUE_MODEL_PROFILE, once for the process; freebsd if unset. Another name ends the process.
const char *kqueue_model_profile(void);

/// Makes this thread's queues imitate another system from now on, or the process's again for NULL. Returns whether that profile
/// exists.
bool kqueue_model_use_profile(const char *name);

/// Returns whether only EV_ADD changes a filter's user data (C9), by the process's profile.
bool kqueue_model_keeps_user_data(void);

/// Returns whether timers are coalesced without KQUEUE_MODEL_NOTE_CRITICAL (T7), by the process's profile.
bool kqueue_model_coalesces_timers(void);

/// Returns the number of timers set that the system may coalesce.
unsigned kqueue_model_coalesced_timers(void);

/// Returns whether there is sigtimedwait(2) (S4), by the process's profile.
bool kqueue_model_has_sigtimedwait(void);

/// Call this around taking pending signals: meanwhile the double must not take them briefly itself.
void kqueue_model_taking_signals(bool begins);

/// NOTE_CRITICAL, which one profile has; so <sys/event.h> has no name for it.
#define KQUEUE_MODEL_NOTE_CRITICAL 0x00000020

#endif
