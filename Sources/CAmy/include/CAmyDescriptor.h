#ifndef CAMY_DESCRIPTOR_H
#define CAMY_DESCRIPTOR_H

#include <errno.h>
#include <unistd.h>

/// close(2). An interrupted close has closed the descriptor on Linux, and is not tried again: the number may be somebody
/// else's by then.
static inline int amy_close(int descriptor) {
  return close(descriptor) == 0 ? 0 : -errno;
}

#endif
