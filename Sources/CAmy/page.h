// State of this process alone: a page that is cleared in every forked child. See fork.c.

#ifndef AMY_PAGE_H
#define AMY_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

struct amy_page {
  /// 1 in this process, 0 in a forked child.
  unsigned char is_here;
  /// Always 0.
  unsigned char zero;
  /// The owner of signal n + 1: the number of the source that has claimed it, or 0.
  _Atomic(uint64_t) claims[64];
  /// The signals that a handler has caught and no source has taken yet: bit n is signal n + 1.
  _Atomic(uint64_t) caught;
  /// An eventfd plus one: written to for each caught signal, never read, never closed. 0 if there is none yet.
  _Atomic(int) waker;
};

/// This process's page, if it has asked for a detector; otherwise a cleared page, or NULL. Safe in a handler.
struct amy_page *amy_current_page(void);

#endif
