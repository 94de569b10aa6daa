// Declarations that Swift's overlay of the C library lacks.

#include <sys/eventfd.h>
