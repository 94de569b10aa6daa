// What tests of the double do in a forked child. In C, since Swift's runtime may have been left locked there by a thread of
// the parent.

#ifndef CKQUEUE_MODEL_TESTS_H
#define CKQUEUE_MODEL_TESTS_H

/// Each runs in a child of its own, and returns 0, or the number of the step that went wrong.

/// That the parent's queue is not inherited, and that a new one works.
int kqueue_model_test_forked(int queue, int descriptor);
/// That many queues, with all that can be in one, leave no descriptor behind.
int kqueue_model_test_leaks(void);
/// That the process runs out of descriptors as it should.
int kqueue_model_test_exhausted(void);

#endif
