// The C functions that only the program needs.
//
// Every function returns what the system call returned, or the negated errno.

#ifndef CAMY_TOOL_H
#define CAMY_TOOL_H

#include <stdbool.h>
#include <stdint.h>

/// setrlimit(2), RLIMIT_NOFILE: only the soft limit; UINT64_MAX for no limit.
int amy_tool_limit_descriptors(uint64_t soft);

/// isatty(3).
bool amy_tool_is_terminal(int descriptor);

/// unlink(2), if the path is a socket; ENOTSOCK for another kind of file.
int amy_tool_remove_socket(const char *path);

/// Asks a question in a forked child, which then ends: 1 for yes, 0 for no.
int amy_tool_ask_child(bool (*question)(void *), void *context);

#endif
