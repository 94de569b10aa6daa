// Sleeping until a word in memory changes: futex(2), or a table of conditions without it.

#ifndef CAMY_ADDRESS_H
#define CAMY_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

/// Sleeps while the 32 bits are as expected, until another thread wakes the address, or until a time on `amy_clock_now`'s
/// clock; UINT64_MAX is never. May return spuriously: look again.
void amy_address_wait(uintptr_t address, uint32_t expected, uint64_t deadline);

/// Wakes one sleeper or all. Change the word before.
void amy_address_wake(uintptr_t address, bool all);

/// For a loop that waits for another processor's store.
static inline void amy_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

#endif
