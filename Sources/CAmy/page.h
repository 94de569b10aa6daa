// What belongs to this process alone: a page that is cleared in every child that is forked from it. See fork.c.

#ifndef AMY_PAGE_H
#define AMY_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

struct amy_page {
  /// 1 here, 0 in a forked child.
  unsigned char is_here;
  /// Always 0.
  unsigned char zero;
  /// Who has signal n + 1 as a source: a number of his own, or 0.
  _Atomic(uint64_t) claims[64];
  /// The signals that a handler has caught and no source has taken yet: bit n is signal n + 1.
  _Atomic(uint64_t) caught;
  /// An eventfd and one: written to for each of them, never read, never closed. 0 if there is none yet.
  _Atomic(int) waker;
};

/// Of this process, if it has asked for a detector; else one that is cleared, or NULL. Safe in a handler.
struct amy_page *amy_current_page(void);

#endif
