#ifndef CAMY_DESCRIPTOR_H
#define CAMY_DESCRIPTOR_H

#include <errno.h>
#include <unistd.h>

/// close(2). On Linux an interrupted close has closed the descriptor, and trying again might close a reused number.
static inline int amy_close(int descriptor) {
  return close(descriptor) == 0 ? 0 : -errno;
}

#endif
