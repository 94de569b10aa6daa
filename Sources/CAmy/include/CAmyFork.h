#ifndef CAMY_FORK_H
#define CAMY_FORK_H

#include <stdbool.h>
#include <stdint.h>

/// The address of a byte that is 1 in this process and 0 in every forked child, valid until the process ends; 0 where there is
/// no memory for it. The byte after it is always 0. It is a number, since Swift must not look behind it. CAmySignal.h calls
/// this address a detector.
uintptr_t amy_fork_detector(void);

/// Whether this process is a forked child of the one that asked for the detector. One load.
static inline bool amy_is_forked(uintptr_t detector) {
  return *(const volatile unsigned char *)detector == 0;
}

#endif
