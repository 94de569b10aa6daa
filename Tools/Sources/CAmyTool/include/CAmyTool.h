// What the program alone asks of C.
//
// Every function returns what the system call returned, or the negated errno.

#ifndef CAMY_TOOL_H
#define CAMY_TOOL_H

#include <stdbool.h>
#include <stdint.h>

/// setrlimit(2), RLIMIT_NOFILE: the soft limit alone; UINT64_MAX for any number.
int amy_tool_limit_descriptors(uint64_t soft);

/// isatty(3).
bool amy_tool_is_terminal(int descriptor);

/// unlink(2), where the path is that of a socket; ENOTSOCK for another kind of file.
int amy_tool_remove_socket(const char *path);

/// Asks a question in a forked child, which then ends: 1 or 0 for yes or no.
int amy_tool_ask_child(bool (*question)(void *), void *context);

#endif
