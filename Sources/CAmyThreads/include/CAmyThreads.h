// AmyThreads' interface to C: functions return the system call's result, or the negated errno.

#ifndef CAMY_THREADS_H
#define CAMY_THREADS_H

#include "CAmyThread.h"

#endif
