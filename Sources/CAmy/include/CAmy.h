// Amy's interface to C: system calls that Swift's overlay of the C library lacks, and nothing that Swift can do itself.
//
// Functions return the system call's result, or the negated errno: only this module reads errno, before anything can change it.

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
