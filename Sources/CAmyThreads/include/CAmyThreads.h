// AmyThreads' interface to C. As in CAmy, a function returns the system call's result, or the negated errno.

#ifndef CAMY_THREADS_H
#define CAMY_THREADS_H

#include "CAmyThread.h"

#endif
