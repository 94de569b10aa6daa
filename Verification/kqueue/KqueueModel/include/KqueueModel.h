// What the test double of kqueue(2) offers besides what <sys/event.h> has. Tests alone use it.

#ifndef KQUEUE_MODEL_H
#define KQUEUE_MODEL_H

/// How often, in percent, a thread lets others run between two entries of its change list, so that interleavings show that
/// are rare on a real kernel. At first it is what the environment variable KQUEUE_MODEL_YIELD says, or else 20.
void kqueue_model_set_yield(unsigned percent);

/// Lets go of what is kept for queues whose descriptors were closed. It also happens whenever a queue is made; a test that
/// counts descriptors calls it first.
void kqueue_model_collect(void);

#endif
