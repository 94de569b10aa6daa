// Memory that grows in place, or by moving its pages: Swift's own can only be copied.

#ifndef CAMY_MEMORY_H
#define CAMY_MEMORY_H

#include <stddef.h>

// realloc(3). What is new is not initialised; NULL when there is no memory, and then the old is as it was.
void *amy_resize(void *memory, size_t size);

// free(3).
void amy_free(void *memory);

#endif
