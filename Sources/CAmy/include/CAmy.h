// What Amy asks of C: system calls that Swift's overlay of the C library lacks, and nothing that Swift can do itself.
//
// Every function returns what the system call returned, or the negated errno: so errno is read in this module alone,
// before anything else can change it.

#ifndef CAMY_H
#define CAMY_H

#include "CAmyAddress.h"
#include "CAmyClock.h"
#include "CAmyDescriptor.h"
#include "CAmyEpoll.h"
#include "CAmyFork.h"
#include "CAmyKqueue.h"
#include "CAmyMemory.h"
#include "CAmySignal.h"
#include "CAmySocket.h"

#endif
