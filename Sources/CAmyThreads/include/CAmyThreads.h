// What AmyThreads asks of C. As in CAmy, a function returns what the system call returned, or the negated errno.

#ifndef CAMY_THREADS_H
#define CAMY_THREADS_H

#include "CAmyThread.h"

#endif
