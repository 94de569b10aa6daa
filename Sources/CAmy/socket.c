// Implements CAmySocket.h: making sockets and moving bytes.

// accept4(2).
#define _GNU_SOURCE

#include "CAmyDescriptor.h"
#include "CAmySocket.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>

_Static_assert(sizeof(struct amy_segment) == sizeof(struct iovec), "a segment is an iovec");
_Static_assert(offsetof(struct amy_segment, bytes) == offsetof(struct iovec, iov_base), "a segment is an iovec");
_Static_assert(offsetof(struct amy_segment, count) == offsetof(struct iovec, iov_len), "a segment is an iovec");

static const struct sockaddr *as_sockaddr(const struct amy_address *address) {
  return (const struct sockaddr *)(const void *)address->words;
}

// Making sockets.

// Sets what could not be set when the socket was made: all flags of a socket from elsewhere, and on Darwin those of Amy's too.
int amy_socket_set_flags(int descriptor) {
  int descriptor_flags = fcntl(descriptor, F_GETFD);
  if (descriptor_flags < 0 || fcntl(descriptor, F_SETFD, descriptor_flags | FD_CLOEXEC) < 0) return -errno;
  int status_flags = fcntl(descriptor, F_GETFL);
  if (status_flags < 0 || fcntl(descriptor, F_SETFL, status_flags | O_NONBLOCK) < 0) return -errno;
#if defined(SO_NOSIGPIPE)
  const int on = 1;
  if (setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) < 0) return -errno;
#endif
  return 0;
}

#if defined(SOCK_CLOEXEC) && defined(SOCK_NONBLOCK)
#define FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)
#else
#define FLAGS 0
#endif

// Returns the descriptor that a call made, or its negated errno; leaves nothing open on failure.
static int finish(int descriptor) {
  if (descriptor < 0) return -errno;
#if !defined(SOCK_CLOEXEC) || !defined(SOCK_NONBLOCK) || defined(__APPLE__)
  int result = amy_socket_set_flags(descriptor);
  if (result < 0) {
    amy_close(descriptor);
    return result;
  }
#endif
  return descriptor;
}

int amy_socket_open(enum amy_family family, enum amy_type type) {
  return finish(socket((int)family, (int)type | FLAGS, 0));
}

int amy_socket_pair(enum amy_type type, int *first, int *second) {
  int ends[2];
  if (socketpair(AF_UNIX, (int)type | FLAGS, 0, ends) < 0) return -errno;
  *first = finish(ends[0]);
  *second = finish(ends[1]);
  if (*first >= 0 && *second >= 0) return 0;
  if (*first >= 0) amy_close(*first);
  if (*second >= 0) amy_close(*second);
  return *first < 0 ? *first : *second;
}

int amy_socket_bind(int descriptor, const struct amy_address *address) {
  return bind(descriptor, as_sockaddr(address), address->length) == 0 ? 0 : -errno;
}

void amy_file_remove(const char *path) {
  unlink(path);
}

int amy_socket_listen(int descriptor, int backlog) {
  return listen(descriptor, backlog) == 0 ? 0 : -errno;
}

// Errors of accept(2) of a connection that died before it was taken, not of the listener.
static bool is_of_connection(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
#if defined(__linux__)
    // Linux passes on errors pending on the new socket.
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EOPNOTSUPP:
    case ETIMEDOUT:
#endif
      return true;
    default:
      return false;
  }
}

int amy_socket_accept(int descriptor, struct amy_address *from) {
  // Each pass takes one connection off the queue; the bound keeps any error from making this spin.
  for (int passes_left = 1024;; passes_left--) {
    socklen_t length = sizeof from->words;
    struct sockaddr *address = (struct sockaddr *)(void *)from->words;
#if defined(SOCK_CLOEXEC) && defined(SOCK_NONBLOCK) && !defined(__APPLE__)
    int accepted = accept4(descriptor, address, &length, FLAGS);
#else
    int accepted = accept(descriptor, address, &length);
#endif
    int result = finish(accepted);
    if (result >= 0) from->length = length;
    // EINVAL: Darwin sets no option on a dead connection.
    bool is_dead = accepted >= 0 ? result == -EINVAL : is_of_connection(-result);
    if (result >= 0 || !is_dead || passes_left == 0) return result;
  }
}

int amy_socket_connect(int descriptor, const struct amy_address *address) {
  if (connect(descriptor, as_sockaddr(address), address->length) == 0) return 0;
  // An interrupted connect continues by itself: connect(2), POSIX.
  return errno == EINPROGRESS || errno == EINTR ? 0 : -errno;
}

int amy_socket_disconnect(int descriptor) {
  struct sockaddr none;
  memset(&none, 0, sizeof none);
  none.sa_family = AF_UNSPEC;
  // The BSDs dissolve the association and still return EAFNOSUPPORT.
  return connect(descriptor, &none, sizeof none) == 0 || errno == EAFNOSUPPORT ? 0 : -errno;
}

int amy_socket_is_writable(int descriptor) {
  struct pollfd state = {.fd = descriptor, .events = POLLOUT};
  int ready;
  do ready = poll(&state, 1, 0);
  while (ready < 0 && errno == EINTR);
  if (ready < 0) return -errno;
  return state.revents & POLLNVAL ? -EBADF : ready;
}

int amy_socket_local(int descriptor, struct amy_address *address) {
  socklen_t length = sizeof address->words;
  if (getsockname(descriptor, (struct sockaddr *)(void *)address->words, &length) < 0) return -errno;
  address->length = length;
  return 0;
}

int amy_socket_peer(int descriptor, struct amy_address *address) {
  socklen_t length = sizeof address->words;
  if (getpeername(descriptor, (struct sockaddr *)(void *)address->words, &length) < 0) return -errno;
  address->length = length;
  return 0;
}

int amy_socket_shutdown(int descriptor, bool reading, bool writing) {
  int how = reading && writing ? SHUT_RDWR : reading ? SHUT_RD : SHUT_WR;
  return shutdown(descriptor, how) == 0 ? 0 : -errno;
}

// Moving bytes.

// Returns a call's result, or its negated errno; repeats it while it is interrupted.
#define RETRIED(call)                  \
  do {                                 \
    ssize_t count = (call);            \
    if (count >= 0) return count;      \
    if (errno != EINTR) return -errno; \
  } while (true)

intptr_t amy_socket_peek(int descriptor, void *bytes, size_t room) {
  RETRIED(recv(descriptor, bytes, room, MSG_PEEK));
}

intptr_t amy_socket_read_segments(int descriptor, const struct amy_segment *segments, int count_of_segments) {
  RETRIED(readv(descriptor, (const struct iovec *)(const void *)segments, count_of_segments));
}

intptr_t amy_socket_send_segments(int descriptor, const struct amy_segment *segments, int count_of_segments) {
  struct msghdr message = {.msg_iov = (struct iovec *)(void *)(uintptr_t)segments};
  // This member's type differs between systems.
  message.msg_iovlen += (unsigned)count_of_segments;
  RETRIED(sendmsg(descriptor, &message, AMY_NO_SIGNAL));
}

intptr_t amy_file_write_segments(int descriptor, const struct amy_segment *segments, int count_of_segments) {
  RETRIED(writev(descriptor, (const struct iovec *)(const void *)segments, count_of_segments));
}

bool amy_file_is_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

intptr_t amy_socket_send_to(int descriptor, const void *bytes, size_t length, const struct amy_address *to) {
  RETRIED(sendto(descriptor, bytes, length, AMY_NO_SIGNAL, as_sockaddr(to), to->length));
}

// recvfrom has no portable way to report a truncated datagram.
static intptr_t receive(int descriptor, struct msghdr *message, int flags) {
  RETRIED(recvmsg(descriptor, message, flags));
}

intptr_t amy_socket_receive(
    int descriptor, void *bytes, size_t room, bool peek, struct amy_address *from, bool *is_truncated) {
  struct iovec segment = {.iov_base = bytes, .iov_len = room};
  struct msghdr message = {
      .msg_name = from->words, .msg_namelen = sizeof from->words, .msg_iov = &segment, .msg_iovlen = 1};
  intptr_t count = receive(descriptor, &message, peek ? MSG_PEEK : 0);
  if (count < 0) return count;
  from->length = message.msg_namelen;
  *is_truncated = (message.msg_flags & MSG_TRUNC) != 0;
  return count;
}
