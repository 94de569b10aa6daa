// A page of this process's state, cleared in every forked child: see fork.c.

#ifndef AMY_PAGE_H
#define AMY_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

struct amy_page {
  /// 1 in this process, 0 in a forked child.
  unsigned char is_here;
  /// Always 0.
  unsigned char zero;
  /// The source that has claimed signal n + 1, or 0.
  _Atomic(uint64_t) claims[64];
  /// Signals that a handler has caught and no source has taken: bit n is signal n + 1.
  _Atomic(uint64_t) caught;
  /// An eventfd plus one, or 0 for none: written to for each caught signal, never read, never closed.
  _Atomic(int) waker;
};

/// This process's page, if it has asked for a detector; otherwise a cleared page, or NULL. Safe in a handler.
struct amy_page *amy_current_page(void);

#endif
