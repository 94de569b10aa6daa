// Counts a program's allocations: LD_PRELOAD it, and it prints the count to standard error when the program ends.

#define _GNU_SOURCE

#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

static atomic_ulong allocations;

void *malloc(size_t size) {
  static void *(*next)(size_t);
  if (next == NULL) next = dlsym(RTLD_NEXT, "malloc");
  atomic_fetch_add(&allocations, 1);
  return next(size);
}

void *realloc(void *memory, size_t size) {
  static void *(*next)(void *, size_t);
  if (next == NULL) next = dlsym(RTLD_NEXT, "realloc");
  atomic_fetch_add(&allocations, 1);
  return next(memory, size);
}

// Swift allocates with these functions for unusual alignments. calloc is not replaced: dlsym needs it itself.
int posix_memalign(void **memory, size_t alignment, size_t size) {
  static int (*next)(void **, size_t, size_t);
  if (next == NULL) next = dlsym(RTLD_NEXT, "posix_memalign");
  atomic_fetch_add(&allocations, 1);
  return next(memory, alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  static void *(*next)(size_t, size_t);
  if (next == NULL) next = dlsym(RTLD_NEXT, "aligned_alloc");
  atomic_fetch_add(&allocations, 1);
  return next(alignment, size);
}

// For a program that asks while it runs.
unsigned long malloc_counter_count(void) {
  return atomic_load(&allocations);
}

__attribute__((destructor)) static void report(void) {
  fprintf(stderr, "allocations: %lu\n", atomic_load(&allocations));
}
