// What tests of the double do in a forked child. In C, since Swift's runtime may have been left locked there by a thread of
// the parent.

#ifndef CKQUEUE_MODEL_TESTS_H
#define CKQUEUE_MODEL_TESTS_H

#include <stdbool.h>
#include <stdint.h>

/// Each runs in a child of its own, and returns 0, or the number of the step that went wrong.

/// That the parent's queue is not inherited, and that a new one works.
int kqueue_model_test_forked(int queue, int descriptor);
/// That many queues, with all that can be in one, leave no descriptor behind.
int kqueue_model_test_leaks(void);
/// That the process runs out of descriptors as it should.
int kqueue_model_test_exhausted(void);
/// That a signal is counted each time that it is sent, though it stays pending; and not one that was sent before.
int kqueue_model_test_pending(int signal);

/// From now on, whoever asks which signals are pending is told, and then another taker has them; or no longer. Not under a sanitizer.
void kqueue_model_test_take_what_is_asked_for(bool begins);

// What tests of the backend ask, which cannot import <sys/event.h> beside CAmy: both would define struct kevent.

/// Adds a filter for reading with user data to a queue, by level, or deletes it. Returns an errno, or 0.
int kqueue_model_test_watch(int queue, int descriptor, uint64_t data);
int kqueue_model_test_unwatch(int queue, int descriptor);
/// Takes a pending signal without waiting: its number, or -1.
int kqueue_model_test_take(int signal);
unsigned kqueue_model_test_coalesced_timers(void);

#endif
