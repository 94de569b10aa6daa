#ifndef CAMY_DESCRIPTOR_H
#define CAMY_DESCRIPTOR_H

#include <errno.h>
#include <unistd.h>

/// close(2). On Linux an interrupted close has closed the descriptor. It is not tried again: the number may have been reused by
/// then.
static inline int amy_close(int descriptor) {
  return close(descriptor) == 0 ? 0 : -errno;
}

#endif
