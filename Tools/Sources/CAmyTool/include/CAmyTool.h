// The program's own C functions return what the system call returned, or the negated errno.

#ifndef CAMY_TOOL_H
#define CAMY_TOOL_H

#include <stdbool.h>
#include <stdint.h>

/// setrlimit(2), RLIMIT_NOFILE: only the soft limit; UINT64_MAX for none.
int amy_tool_limit_descriptors(uint64_t soft);

/// isatty(3).
bool amy_tool_is_terminal(int descriptor);

/// unlink(2) of a socket; ENOTSOCK for another file.
int amy_tool_remove_socket(const char *path);

/// Asks a forked child, which ends: 1 for yes, 0 for no.
int amy_tool_ask_child(bool (*question)(void *), void *context);

#endif
