#ifndef CAMY_FORK_H
#define CAMY_FORK_H

#include <stdbool.h>
#include <stdint.h>

/// The address of a byte that is 1 in this process and 0 in every forked child, until the process ends; 0 without memory. The
/// next byte is always 0. A number, since Swift must not look behind it; CAmySignal.h calls it a detector.
uintptr_t amy_fork_detector(void);

/// Whether this process is a forked child of the one that asked for the detector: one load.
static inline bool amy_is_forked(uintptr_t detector) {
  return *(const volatile unsigned char *)detector == 0;
}

#endif
