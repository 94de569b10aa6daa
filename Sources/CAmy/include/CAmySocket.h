// Sockets: socket(7), ip(7), tcp(7), unix(7). Differences between kernels (accept4, SO_NOSIGPIPE, the length byte of a
// sockaddr, abstract names) stay here and in socket.c.
//
// An interrupted call is made again: no caller ever sees EINTR.

#ifndef CAMY_SOCKET_H
#define CAMY_SOCKET_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

static const intptr_t amy_would_block = -EAGAIN;

// Linux and the BSDs have a flag for each call; Darwin has SO_NOSIGPIPE for the socket, which socket.c sets.
#if defined(MSG_NOSIGNAL)
#define AMY_NO_SIGNAL MSG_NOSIGNAL
#else
#define AMY_NO_SIGNAL 0
#endif

/// read(2). Bytes, 0 at the end, or the negated errno.
static inline intptr_t amy_socket_read(int descriptor, void *bytes, size_t room) {
  for (;;) {
    ssize_t count = read(descriptor, bytes, room);
    if (count >= 0) return count;
    if (errno != EINTR) return -errno;
  }
}

/// send(2), without a signal when the peer is gone. Bytes, or the negated errno.
static inline intptr_t amy_socket_send(int descriptor, const void *bytes, size_t count) {
  for (;;) {
    ssize_t sent = send(descriptor, bytes, count, AMY_NO_SIGNAL);
    if (sent >= 0) return sent;
    if (errno != EINTR) return -errno;
  }
}

// Addresses.

// The kernel's own numbers.
enum amy_family { amy_family_v4 = AF_INET, amy_family_v6 = AF_INET6, amy_family_unix = AF_UNIX };

/// A sockaddr in the kernel's form, in words that Swift reads and writes. The bytes of IP addresses are in network order. The
/// first word has the family, the port and, for v4, the address, or for v6 the flow information; for v6 the next two have the
/// address, and the one after begins with the scope, in the machine's order. A Unix address has its name from amy_name_offset
/// on.
struct amy_address {
  uint32_t length;
#if defined(__linux__)
  // A Unix path of 108 bytes, and a NUL that the kernel reports after it.
  uint64_t words[14];
#else
  // Darwin reports paths longer than its struct.
  uint64_t words[32];
#endif
};

/// Only its family, and on the BSDs its length, are set.
struct amy_address amy_address_of(enum amy_family family, uint32_t length);
/// Also if it is none of those above.
int amy_address_family(struct amy_address address);

extern const size_t amy_name_offset;
/// The longest path of a Unix address, without a NUL after it. An abstract name begins after a NUL.
extern const size_t amy_longest_path;
extern const bool amy_has_abstract_names;

/// With the NUL.
enum { amy_text_size = 48 };
/// inet_ntop(3) of an IP address. Returns the length without the NUL.
size_t amy_address_text(const struct amy_address *address, char *text);
/// inet_pton(3), into an address that has its family. Returns whether the text is an address of that family.
bool amy_address_parse(const char *text, struct amy_address *address);
/// if_nametoindex(3): 0 for no interface.
uint32_t amy_interface_index(const char *name);

// Making sockets, close-on-exec and non-blocking.

enum amy_type { amy_type_stream = SOCK_STREAM, amy_type_datagram = SOCK_DGRAM };

/// socket(2).
int amy_socket_open(enum amy_family family, enum amy_type type);
/// socketpair(2), of Unix sockets.
int amy_socket_pair(enum amy_type type, int *first, int *second);
/// Gives a socket from elsewhere the flags of Amy's.
int amy_socket_set_flags(int descriptor);

int amy_socket_bind(int descriptor, const struct amy_address *address);
/// unlink(2).
void amy_file_remove(const char *path);
int amy_socket_listen(int descriptor, int backlog);
/// accept4(2). Skips connections that died while they waited.
int amy_socket_accept(int descriptor, struct amy_address *from);
/// connect(2). In progress is a success.
int amy_socket_connect(int descriptor, const struct amy_address *address);
/// connect(2) to no address: a datagram socket loses its peer.
int amy_socket_disconnect(int descriptor);
/// poll(2): 1 if the socket is writable or has an error, otherwise 0.
int amy_socket_is_writable(int descriptor);
int amy_socket_local(int descriptor, struct amy_address *address);
int amy_socket_peer(int descriptor, struct amy_address *address);
/// shutdown(2).
int amy_socket_shutdown(int descriptor, bool reading, bool writing);

// Moving bytes.

/// One part of a vectored call: struct iovec.
struct amy_segment {
  void *bytes;
  size_t count;
};

/// The most parts that one call takes: 1 KiB, which fits on a stack.
enum { amy_most_segments = 64 };

/// recv(2) with MSG_PEEK.
intptr_t amy_socket_peek(int descriptor, void *bytes, size_t room);
/// readv(2).
intptr_t amy_socket_read_segments(int descriptor, const struct amy_segment *segments, int count);
/// sendmsg(2), without a signal.
intptr_t amy_socket_send_segments(int descriptor, const struct amy_segment *segments, int count);
/// writev(2), for other files: raises SIGPIPE when the reading end is closed.
intptr_t amy_file_write_segments(int descriptor, const struct amy_segment *segments, int count);
/// isatty(3).
bool amy_file_is_terminal(int descriptor);
/// The result of sending to a Unix receiver by its name while it is full: no event reports when it is not.
#if defined(__linux__)
static const intptr_t amy_receiver_full = -EAGAIN;
#else
static const intptr_t amy_receiver_full = -ENOBUFS;
#endif

/// sendto(2), without a signal.
intptr_t amy_socket_send_to(int descriptor, const void *bytes, size_t count, const struct amy_address *to);
/// recvmsg(2) of one datagram, which stays in the queue if `peek`.
intptr_t amy_socket_receive(
    int descriptor, void *bytes, size_t room, bool peek, struct amy_address *from, bool *is_truncated);

// Options.

enum amy_option {
  amy_option_error,
  amy_option_type,
  amy_option_reuse_address,
  amy_option_share_port,
  amy_option_v6_only,
  amy_option_send_buffer,
  amy_option_receive_buffer,
  amy_option_no_delay,
  amy_option_keep_alive,
  amy_option_keep_alive_idle,
  amy_option_keep_alive_interval,
  amy_option_keep_alive_count,
  amy_option_user_timeout,
  amy_option_hops,
  amy_option_hops_v6,
  amy_option_broadcast,
  amy_option_multicast_hops,
  amy_option_multicast_hops_v6,
  amy_option_multicast_loop,
  amy_option_multicast_loop_v6,
};

/// getsockopt(2) of an integer.
int amy_socket_option(int descriptor, enum amy_option option, int *value);
/// setsockopt(2) of an integer.
int amy_socket_set_option(int descriptor, enum amy_option option, int value);
/// SO_LINGER, in seconds; -1 for none.
int amy_socket_linger(int descriptor, int *seconds);
int amy_socket_set_linger(int descriptor, int seconds);
/// MCAST_JOIN_GROUP and MCAST_LEAVE_GROUP.
int amy_socket_set_membership(int descriptor, const struct amy_address *group, uint32_t interface, bool joined);

struct amy_credentials {
  int process;
  uint32_t user, group;
};
/// SO_PEERCRED; elsewhere getpeereid(3), with a process of 0 where the kernel reports none.
int amy_socket_credentials(int descriptor, struct amy_credentials *credentials);

// Names.

/// getaddrinfo(3), into a list opaque to Swift. Returns 0, the negated errno, or an amy_resolve_error. Blocks.
int amy_resolve(const char *host, void **first);
/// Copies this entry's address, and moves on; returns false after the last.
bool amy_resolve_next(void **current, struct amy_address *address);
/// freeaddrinfo(3).
void amy_resolve_free(void *first);

/// Below every negated errno.
enum amy_resolve_error { amy_resolve_not_found = -100001, amy_resolve_try_again = -100002, amy_resolve_failed = -100003 };

#endif
