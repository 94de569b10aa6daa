// Tests of the double in a forked child, in C: a thread of the parent may have left Swift's runtime locked.

#ifndef CKQUEUE_MODEL_TESTS_H
#define CKQUEUE_MODEL_TESTS_H

#include <stdbool.h>
#include <stdint.h>

/// Each runs in its own child, and returns 0, or the failed step's number.

/// The parent's queue is not inherited; a new one works.
int kqueue_model_test_forked(int queue, int descriptor);
/// Many queues, with everything in them, leave no descriptor.
int kqueue_model_test_leaks(void);
/// Running out of descriptors works.
int kqueue_model_test_exhausted(void);
/// A signal is counted each time it is sent, even while pending; but not if sent before.
int kqueue_model_test_pending(int signal);

/// From now on, or no longer, another taker takes a pending signal as soon as a caller has learned of it. Not under a
/// sanitizer.
void kqueue_model_test_take_what_is_asked_for(bool begins);

// For tests of the backend, which cannot import <sys/event.h> beside CAmy: both would define struct kevent.

/// Adds a level-triggered read filter with user data, or deletes it. Returns an errno, or 0.
int kqueue_model_test_watch(int queue, int descriptor, uint64_t data);
int kqueue_model_test_unwatch(int queue, int descriptor);
/// Takes a pending signal without waiting: returns its number, or -1.
int kqueue_model_test_take(int signal);
unsigned kqueue_model_test_coalesced_timers(void);

#endif
