#if defined(__linux__)
// The system call: the changes one by one, then the events.

#define _GNU_SOURCE

#include "internal.h"

#include <errno.h>

struct answers {
  struct kevent *next;
  int room, count;
};

// Returns 1 to continue, 0 to stop, or a negated errno.
static int apply_one(struct queue *queue, struct kevent change, struct answers *answers) {
  const struct profile *profile = queue->profile;
  // Skip entries without a filter.
  if (change.filter == 0 && profile->knows_keep_udata) return 1;
  change.flags &= (unsigned short)~EV_SYSFLAGS;
  unsigned given_fflags = change.fflags;
  int error = change_apply(queue, &change);
  if (error == 0 && !(change.flags & EV_RECEIPT)) return 1;
  if (answers->room == 0) return error == 0 && profile->receipts_need_no_room ? 1 : -error;
  change.flags = profile->receipts_keep_flags ? change.flags | EV_ERROR : EV_ERROR;
  if (profile->receipts_keep_flags) change.fflags = given_fflags;
  change.data = error;
  *answers->next = change;
  answers->next += 1;
  answers->room -= 1;
  answers->count += 1;
  return 1;
}

static int call(struct queue *queue, const struct kevent *changes, int count, struct kevent *events, int room,
                const struct timespec *timeout) {
  if (count < 0) return -EINVAL;
  struct answers answers = {.next = events, .room = room};
  for (int index = 0; index < count; index += 1) {
    if (index > 0) yield_at_random();
    int result = apply_one(queue, changes[index], &answers);
    if (result <= 0) return result;
  }
  // With an answer, the call does not wait or deliver.
  if (answers.count > 0) return answers.count;
  return scan(queue, events, room, timeout);
}

int kevent(int kq, const struct kevent *changelist, int nchanges, struct kevent *eventlist, int nevents,
           const struct timespec *timeout) {
  struct queue *queue = queue_acquire(kq);
  int result = queue == NULL ? -EBADF : call(queue, changelist, nchanges, eventlist, nevents, timeout);
  if (queue != NULL) queue_release(queue);
  if (result >= 0) return result;
  errno = -result;
  return -1;
}
#endif
