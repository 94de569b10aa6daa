// Missing in Swift's overlay of the C library.

#include <sys/eventfd.h>
