// Memory that grows in place, or by moving its pages: Swift's can only be copied.

#ifndef CAMY_MEMORY_H
#define CAMY_MEMORY_H

#include <stdlib.h>

/// realloc(3). New memory is not initialised. Returns NULL without memory, and leaves the old unchanged.
static inline void *amy_resize(void *memory, size_t size) {
  return realloc(memory, size);
}

/// free(3).
static inline void amy_free(void *memory) {
  free(memory);
}

#endif
