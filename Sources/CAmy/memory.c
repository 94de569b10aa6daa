#include "CAmyMemory.h"

#include <stdlib.h>

void *amy_resize(void *memory, size_t size) {
  return realloc(memory, size);
}

void amy_free(void *memory) {
  free(memory);
}
