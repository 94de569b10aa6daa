// Tests of the double in a forked child. They are in C, since a thread of the parent may have left Swift's runtime locked in
// the child.

#ifndef CKQUEUE_MODEL_TESTS_H
#define CKQUEUE_MODEL_TESTS_H

#include <stdbool.h>
#include <stdint.h>

/// Each runs in a separate child, and returns 0, or the number of the step that failed.

/// The parent's queue is not inherited, and a new one works.
int kqueue_model_test_forked(int queue, int descriptor);
/// Many queues, with everything that a queue can contain, leave no descriptor behind.
int kqueue_model_test_leaks(void);
/// The process runs out of descriptors as it should.
int kqueue_model_test_exhausted(void);
/// A signal is counted each time it is sent, even while it is pending; but not if it was sent before.
int kqueue_model_test_pending(int signal);

/// From now on, or no longer, another taker takes a pending signal as soon as a caller has learned which are pending. Not under
/// a sanitizer.
void kqueue_model_test_take_what_is_asked_for(bool begins);

// Calls for tests of the backend, which cannot import <sys/event.h> beside CAmy: both would define struct kevent.

/// Adds a level-triggered read filter with user data to a queue, or deletes it. Returns an errno, or 0.
int kqueue_model_test_watch(int queue, int descriptor, uint64_t data);
int kqueue_model_test_unwatch(int queue, int descriptor);
/// Takes a pending signal without waiting: returns its number, or -1.
int kqueue_model_test_take(int signal);
unsigned kqueue_model_test_coalesced_timers(void);

#endif
