// The additions of the test double of kqueue(2) to <sys/event.h>. Only tests use them, and the backend's C, for what a real
// system's headers and name would tell it.

#ifndef KQUEUE_MODEL_H
#define KQUEUE_MODEL_H

#include <stdbool.h>

/// Sets how often, in percent, a thread lets others run between two entries of its change list, to expose interleavings that
/// are rare on a real kernel. The initial value is the environment variable KQUEUE_MODEL_YIELD, or else 20.
void kqueue_model_set_yield(unsigned percent);

/// Frees what is kept for queues whose descriptors were closed. This also happens whenever a queue is made; a test that counts
/// descriptors calls it first.
void kqueue_model_collect(void);

/// Returns the name of the system whose kqueue(2) the double imitates: freebsd, xnu, openbsd or netbsd, from the environment
/// variable KQUEUE_MODEL_PROFILE, once for the process; freebsd if it is not set. Another name ends the process.
const char *kqueue_model_profile(void);

/// Makes queues of this thread imitate another system from now on, or the process's again for NULL. Returns whether there is a
/// profile of that name.
bool kqueue_model_use_profile(const char *name);

/// Returns whether only EV_ADD changes the user data of a filter (C9), according to the process's profile.
bool kqueue_model_keeps_user_data(void);

/// Returns whether timers are coalesced unless they have KQUEUE_MODEL_NOTE_CRITICAL (T7), according to the process's profile.
bool kqueue_model_coalesces_timers(void);

/// Returns how many timers were set that the system may coalesce.
unsigned kqueue_model_coalesced_timers(void);

/// Returns whether there is sigtimedwait(2) (S4), according to the process's profile.
bool kqueue_model_has_sigtimedwait(void);

/// Call this around taking pending signals: the double briefly takes them itself, and must not do so meanwhile.
void kqueue_model_taking_signals(bool begins);

/// NOTE_CRITICAL, which only one of the profiles has; so it has no name in <sys/event.h>.
#define KQUEUE_MODEL_NOTE_CRITICAL 0x00000020

#endif
