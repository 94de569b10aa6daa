// What the program and the tests ask of C, and no product: threads, signals, and what a process may have.
//
// As in CAmy, every function returns what the system call returned, or the negated errno.

#ifndef CAMY_THREADS_H
#define CAMY_THREADS_H

#include "CAmyProcess.h"
#include "CAmyThread.h"

#endif
