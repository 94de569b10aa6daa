#ifndef CAMY_FORK_H
#define CAMY_FORK_H

/// A byte that is 1 in this process and 0 in every child that is forked from it, or a null pointer with errno set where
/// there is no memory for it. Valid until the process ends.
const volatile unsigned char *amy_fork_witness(void);

#endif
