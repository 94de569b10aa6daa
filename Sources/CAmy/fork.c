// Detects a forked child by one load: from a page that the kernel clears in the child (madvise(2), MADV_WIPEONFORK, Linux
// 4.14), or else a handler of pthread_atfork(3). The page also holds the state of signal sources that a child must not inherit.

#define _GNU_SOURCE

#include "CAmyFork.h"
#include "page.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic(struct amy_page *) current;

struct amy_page *amy_current_page(void) {
  return atomic_load(&current);
}

static void clear_in_child(void) {
  struct amy_page *page = amy_current_page();
  if (page != NULL) memset(page, 0, sizeof *page);
}

static void register_handler(void) {
  pthread_atfork(NULL, NULL, clear_in_child);
}

static void clear_on_fork(void *page, size_t size) {
#if defined(MADV_WIPEONFORK)
  if (madvise(page, size, MADV_WIPEONFORK) == 0) return;
#else
  (void)page, (void)size;
#endif
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, register_handler);
}

uintptr_t amy_fork_detector(void) {
  struct amy_page *page = amy_current_page();
  if (page != NULL && page->is_here == 1) return (uintptr_t)page;
  // The first poller of this process. A cleared page stays, for objects in this child that refer to it.
  const size_t size = (size_t)sysconf(_SC_PAGESIZE);
  _Static_assert(sizeof(struct amy_page) <= 4096, "no page is smaller");
  struct amy_page *fresh = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
  if (fresh == MAP_FAILED) return 0;
  clear_on_fork(fresh, size);
  fresh->is_here = 1;
  if (atomic_compare_exchange_strong(&current, &page, fresh)) return (uintptr_t)fresh;
  // Another thread was first.
  munmap(fresh, size);
  return (uintptr_t)page;
}
