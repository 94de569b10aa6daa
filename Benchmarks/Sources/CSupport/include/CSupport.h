// What Swift's overlay of the C library does not have.

#include <sys/eventfd.h>
