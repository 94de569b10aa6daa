// struct ucred and accept4(2).
#define _GNU_SOURCE

#include "CAmySocket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/un.h>

// Addresses.

union any_address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_un local;
};

_Static_assert(sizeof(union any_address) <= sizeof(((struct amy_address *)0)->bytes), "every address fits");
_Static_assert(sizeof(struct amy_segment) == sizeof(struct iovec), "a segment is an iovec");
_Static_assert(offsetof(struct amy_segment, bytes) == offsetof(struct iovec, iov_base), "a segment is an iovec");
_Static_assert(offsetof(struct amy_segment, count) == offsetof(struct iovec, iov_len), "a segment is an iovec");

static const size_t name_offset = offsetof(struct sockaddr_un, sun_path);
const size_t amy_longest_name = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;

#if defined(__linux__)
const bool amy_has_abstract_names = true;
#else
const bool amy_has_abstract_names = false;
#endif

static struct amy_address pack(union any_address *address, size_t length) {
  struct amy_address packed = {.length = (uint32_t)length};
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) || defined(__DragonFly__)
  address->any.sa_len = (uint8_t)length;
#endif
  memcpy(packed.bytes, address, length);
  return packed;
}

static const struct sockaddr *as_sockaddr(const struct amy_address *address) {
  return (const struct sockaddr *)(const void *)address->bytes;
}

static void store_halves(unsigned char *bytes, uint64_t high, uint64_t low) {
  for (int i = 7; i >= 0; i--, high >>= 8, low >>= 8) {
    bytes[i] = (unsigned char)high;
    bytes[i + 8] = (unsigned char)low;
  }
}

static void load_halves(const unsigned char *bytes, uint64_t *high, uint64_t *low) {
  *high = *low = 0;
  for (int i = 0; i < 8; i++) {
    *high = *high << 8 | bytes[i];
    *low = *low << 8 | bytes[i + 8];
  }
}

struct amy_address amy_address_of_ip(struct amy_endpoint endpoint) {
  union any_address address;
  memset(&address, 0, sizeof address);
  if (endpoint.family == amy_family_v4) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(endpoint.port);
    address.v4.sin_addr.s_addr = htonl((uint32_t)endpoint.low);
    return pack(&address, sizeof address.v4);
  }
  address.v6.sin6_family = AF_INET6;
  address.v6.sin6_port = htons(endpoint.port);
  address.v6.sin6_scope_id = endpoint.scope;
  address.v6.sin6_flowinfo = htonl(endpoint.flow);
  store_halves(address.v6.sin6_addr.s6_addr, endpoint.high, endpoint.low);
  return pack(&address, sizeof address.v6);
}

// A path ends in a NUL, which counts; an abstract name begins with one. No name at all is the family alone.
struct amy_address amy_address_of_name(const uint8_t *name, size_t length, bool is_abstract) {
  union any_address address;
  memset(&address, 0, sizeof address);
  address.local.sun_family = AF_UNIX;
  if (length == 0 && !is_abstract) return pack(&address, name_offset);
  if (length > amy_longest_name) length = amy_longest_name;
  if (length > 0) memcpy(address.local.sun_path + is_abstract, name, length);
  return pack(&address, name_offset + length + 1);
}

static const unsigned char *name_of(const struct amy_address *address) {
  return address->bytes + name_offset;
}

struct amy_endpoint amy_address_decode(const struct amy_address *packed) {
  struct amy_endpoint endpoint = {.family = amy_family_none};
  union any_address address;
  memset(&address, 0, sizeof address);
  if (packed->length < name_offset) return endpoint;
  size_t length = packed->length < sizeof address ? packed->length : sizeof address;
  memcpy(&address, packed->bytes, length);
  switch (address.any.sa_family) {
    case AF_INET:
      endpoint.family = amy_family_v4;
      endpoint.low = ntohl(address.v4.sin_addr.s_addr);
      endpoint.port = ntohs(address.v4.sin_port);
      break;
    case AF_INET6:
      endpoint.family = amy_family_v6;
      load_halves(address.v6.sin6_addr.s6_addr, &endpoint.high, &endpoint.low);
      endpoint.port = ntohs(address.v6.sin6_port);
      endpoint.scope = address.v6.sin6_scope_id;
      endpoint.flow = ntohl(address.v6.sin6_flowinfo);
      break;
    case AF_UNIX: {
      size_t length_of_name = length - name_offset;
      endpoint.family = amy_family_unix;
      // Kernels differ in whether the length counts the NUL after a path, or the room behind it.
      bool starts_with_nul = length_of_name > 0 && name_of(packed)[0] == 0;
      endpoint.name_is_abstract = amy_has_abstract_names && starts_with_nul;
      endpoint.name_length = endpoint.name_is_abstract
          ? (uint32_t)(length_of_name - 1)
          : (uint32_t)strnlen((const char *)name_of(packed), length_of_name);
      break;
    }
    default:
      break;
  }
  return endpoint;
}

void amy_address_name(const struct amy_address *address, uint8_t *name) {
  struct amy_endpoint endpoint = amy_address_decode(address);
  memcpy(name, name_of(address) + endpoint.name_is_abstract, endpoint.name_length);
}

size_t amy_address_text(struct amy_endpoint endpoint, char *text) {
  unsigned char bytes[16];
  const bool is_v4 = endpoint.family == amy_family_v4;
  if (is_v4) endpoint.high = endpoint.low << 32;
  store_halves(bytes, endpoint.high, endpoint.low);
  if (inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, text, amy_text_size) == NULL) return 0;
  return strlen(text);
}

bool amy_address_parse(const char *text, enum amy_family family, struct amy_endpoint *endpoint) {
  unsigned char bytes[16] = {0};
  const bool is_v4 = family == amy_family_v4;
  if (inet_pton(is_v4 ? AF_INET : AF_INET6, text, bytes) != 1) return false;
  endpoint->family = family;
  load_halves(bytes, &endpoint->high, &endpoint->low);
  if (is_v4) {
    endpoint->low = endpoint->high >> 32;
    endpoint->high = 0;
  }
  return true;
}

uint32_t amy_interface_index(const char *name) {
  return if_nametoindex(name);
}

// Making sockets.

static int kernel_family(enum amy_family family) {
  return family == amy_family_v4 ? AF_INET : family == amy_family_v6 ? AF_INET6 : AF_UNIX;
}

static int kernel_type(enum amy_type type) {
  return type == amy_type_stream ? SOCK_STREAM : SOCK_DGRAM;
}

// What could not be asked for when the socket was made: for a socket from elsewhere all of it, on Darwin for ours too.
static int set_flags(int descriptor) {
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

// The descriptor that a call made, or its negated errno, and nothing left open on failure.
static int finish(int descriptor) {
  if (descriptor < 0) return -errno;
#if !defined(SOCK_CLOEXEC) || !defined(SOCK_NONBLOCK) || defined(__APPLE__)
  int result = set_flags(descriptor);
  if (result < 0) {
    close(descriptor);
    return result;
  }
#endif
  return descriptor;
}

int amy_socket_open(enum amy_family family, enum amy_type type) {
  return finish(socket(kernel_family(family), kernel_type(type) | FLAGS, 0));
}

int amy_socket_pair(enum amy_type type, int *first, int *second) {
  int ends[2];
  if (socketpair(AF_UNIX, kernel_type(type) | FLAGS, 0, ends) < 0) return -errno;
  *first = finish(ends[0]);
  *second = finish(ends[1]);
  if (*first >= 0 && *second >= 0) return 0;
  if (*first >= 0) close(*first);
  if (*second >= 0) close(*second);
  return *first < 0 ? *first : *second;
}

int amy_socket_adopt(int descriptor, enum amy_family family, enum amy_type type) {
  int actual_type = 0;
  socklen_t size = sizeof actual_type;
  if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &actual_type, &size) < 0) return errno == ENOTSOCK ? -EINVAL : -errno;
  struct amy_address address;
  int result = amy_socket_local(descriptor, &address);
  if (result < 0) return result;
  enum amy_family actual_family = amy_address_decode(&address).family;
  bool is_family = actual_family == family || (family == amy_family_v6 && actual_family == amy_family_v4);
  return actual_type == kernel_type(type) && is_family ? set_flags(descriptor) : -EINVAL;
}

int amy_socket_bind(int descriptor, const struct amy_address *address) {
  return bind(descriptor, as_sockaddr(address), address->length) == 0 ? 0 : -errno;
}

int amy_socket_listen(int descriptor, int backlog) {
  return listen(descriptor, backlog) == 0 ? 0 : -errno;
}

// What accept(2) says of a connection that died before it was taken, and not of the listener.
static bool is_of_connection(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
#if defined(__linux__)
    // Linux passes on the errors that were pending on the new socket.
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
  // Each pass takes one connection off the queue; the bound is there so that no error can make this spin.
  for (int passes_left = 1024;; passes_left--) {
    socklen_t length = sizeof from->bytes;
    struct sockaddr *address = (struct sockaddr *)(void *)from->bytes;
#if defined(SOCK_CLOEXEC) && defined(SOCK_NONBLOCK) && !defined(__APPLE__)
    int accepted = accept4(descriptor, address, &length, FLAGS);
#else
    int accepted = accept(descriptor, address, &length);
#endif
    if (accepted >= 0) {
      from->length = length;
      return finish(accepted);
    }
    if (!is_of_connection(errno) || passes_left == 0) return -errno;
  }
}

int amy_socket_connect(int descriptor, const struct amy_address *address) {
  if (connect(descriptor, as_sockaddr(address), address->length) == 0) return 0;
  // An interrupted connect goes on by itself: connect(2), POSIX.
  return errno == EINPROGRESS || errno == EINTR ? 0 : -errno;
}

int amy_socket_disconnect(int descriptor) {
  struct sockaddr none;
  memset(&none, 0, sizeof none);
  none.sa_family = AF_UNSPEC;
  // The BSDs dissolve the association and say EAFNOSUPPORT all the same.
  return connect(descriptor, &none, sizeof none) == 0 || errno == EAFNOSUPPORT ? 0 : -errno;
}

static int pending_error(int descriptor) {
  int error = 0;
  int result = amy_socket_option(descriptor, amy_option_error, &error);
  return result < 0 ? result : -error;
}

// In this order: a connect can end between any two of these calls, and must not be taken for what it is not.
int amy_socket_connect_result(int descriptor) {
  struct pollfd state = {.fd = descriptor, .events = POLLOUT};
  int ready;
  do ready = poll(&state, 1, 0);
  while (ready < 0 && errno == EINTR);
  if (ready < 0) return -errno;
  if (ready > 0) {
    if (state.revents & POLLNVAL) return -EBADF;
    int error = pending_error(descriptor);
    if (error < 0) return error;
  }
  struct amy_address peer;
  int result = amy_socket_peer(descriptor, &peer);
  if (result == 0) return 1;
  return result == -ENOTCONN && ready == 0 ? 0 : result;
}

int amy_socket_local(int descriptor, struct amy_address *address) {
  socklen_t length = sizeof address->bytes;
  if (getsockname(descriptor, (struct sockaddr *)(void *)address->bytes, &length) < 0) return -errno;
  address->length = length;
  return 0;
}

int amy_socket_peer(int descriptor, struct amy_address *address) {
  socklen_t length = sizeof address->bytes;
  if (getpeername(descriptor, (struct sockaddr *)(void *)address->bytes, &length) < 0) return -errno;
  address->length = length;
  return 0;
}

int amy_socket_shutdown(int descriptor, bool reading, bool writing) {
  int how = reading && writing ? SHUT_RDWR : reading ? SHUT_RD : SHUT_WR;
  return shutdown(descriptor, how) == 0 ? 0 : -errno;
}

// Moving bytes.

// A call's result, or its negated errno; calls again while it is interrupted.
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
  // Its type differs between systems.
  message.msg_iovlen += (unsigned)count_of_segments;
  RETRIED(sendmsg(descriptor, &message, AMY_NO_SIGNAL));
}

intptr_t amy_socket_send_to(int descriptor, const void *bytes, size_t length, const struct amy_address *to) {
  RETRIED(sendto(descriptor, bytes, length, AMY_NO_SIGNAL, as_sockaddr(to), to->length));
}

// recvmsg, since recvfrom does not say portably that a datagram was cut.
static intptr_t receive(int descriptor, struct msghdr *message, int flags) {
  RETRIED(recvmsg(descriptor, message, flags));
}

intptr_t amy_socket_receive(
    int descriptor, void *bytes, size_t room, bool peek, struct amy_address *from, bool *is_truncated) {
  struct iovec segment = {.iov_base = bytes, .iov_len = room};
  struct msghdr message = {
      .msg_name = from->bytes, .msg_namelen = sizeof from->bytes, .msg_iov = &segment, .msg_iovlen = 1};
  intptr_t count = receive(descriptor, &message, peek ? MSG_PEEK : 0);
  if (count < 0) return count;
  from->length = message.msg_namelen;
  *is_truncated = (message.msg_flags & MSG_TRUNC) != 0;
  return count;
}

// Options.

// Where the option is, for a socket of this family. A level of -1 means that there is no such option here.
struct place {
  int level, name;
};

static struct place place_of(enum amy_option option, bool is_v6) {
  const struct place nowhere = {-1, -1};
  switch (option) {
    case amy_option_error: return (struct place){SOL_SOCKET, SO_ERROR};
    case amy_option_reuse_address: return (struct place){SOL_SOCKET, SO_REUSEADDR};
    case amy_option_share_port: return (struct place){SOL_SOCKET, SO_REUSEPORT};
    case amy_option_send_buffer: return (struct place){SOL_SOCKET, SO_SNDBUF};
    case amy_option_receive_buffer: return (struct place){SOL_SOCKET, SO_RCVBUF};
    case amy_option_keep_alive: return (struct place){SOL_SOCKET, SO_KEEPALIVE};
    case amy_option_broadcast: return (struct place){SOL_SOCKET, SO_BROADCAST};
    case amy_option_v6_only: return (struct place){IPPROTO_IPV6, IPV6_V6ONLY};
    case amy_option_no_delay: return (struct place){IPPROTO_TCP, TCP_NODELAY};
#if defined(TCP_KEEPIDLE)
    case amy_option_keep_alive_idle: return (struct place){IPPROTO_TCP, TCP_KEEPIDLE};
#elif defined(TCP_KEEPALIVE)
    case amy_option_keep_alive_idle: return (struct place){IPPROTO_TCP, TCP_KEEPALIVE};
#else
    case amy_option_keep_alive_idle: return nowhere;
#endif
#if defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
    case amy_option_keep_alive_interval: return (struct place){IPPROTO_TCP, TCP_KEEPINTVL};
    case amy_option_keep_alive_count: return (struct place){IPPROTO_TCP, TCP_KEEPCNT};
#else
    case amy_option_keep_alive_interval:
    case amy_option_keep_alive_count: return nowhere;
#endif
    case amy_option_hops:
      return is_v6 ? (struct place){IPPROTO_IPV6, IPV6_UNICAST_HOPS} : (struct place){IPPROTO_IP, IP_TTL};
    case amy_option_multicast_hops:
      return is_v6 ? (struct place){IPPROTO_IPV6, IPV6_MULTICAST_HOPS} : (struct place){IPPROTO_IP, IP_MULTICAST_TTL};
    case amy_option_multicast_loop:
      return is_v6 ? (struct place){IPPROTO_IPV6, IPV6_MULTICAST_LOOP} : (struct place){IPPROTO_IP, IP_MULTICAST_LOOP};
  }
  return nowhere;
}

static int find(int descriptor, enum amy_option option, struct place *place) {
  bool is_v6 = false;
  if (option == amy_option_hops || option == amy_option_multicast_hops || option == amy_option_multicast_loop) {
    struct amy_address address;
    int result = amy_socket_local(descriptor, &address);
    if (result < 0) return result;
    is_v6 = amy_address_decode(&address).family == amy_family_v6;
  }
  *place = place_of(option, is_v6);
  return place->level < 0 ? -ENOTSUP : 0;
}

int amy_socket_option(int descriptor, enum amy_option option, int *value) {
  struct place place;
  int result = find(descriptor, option, &place);
  if (result < 0) return result;
  socklen_t size = sizeof *value;
  return getsockopt(descriptor, place.level, place.name, value, &size) == 0 ? 0 : -errno;
}

int amy_socket_set_option(int descriptor, enum amy_option option, int value) {
  struct place place;
  int result = find(descriptor, option, &place);
  if (result < 0) return result;
  return setsockopt(descriptor, place.level, place.name, &value, sizeof value) == 0 ? 0 : -errno;
}

// Darwin counts SO_LINGER in ticks, and SO_LINGER_SEC in seconds.
#if defined(SO_LINGER_SEC)
#define LINGER_IN_SECONDS SO_LINGER_SEC
#else
#define LINGER_IN_SECONDS SO_LINGER
#endif

int amy_socket_linger(int descriptor, int *seconds) {
  struct linger linger = {0};
  socklen_t size = sizeof linger;
  if (getsockopt(descriptor, SOL_SOCKET, LINGER_IN_SECONDS, &linger, &size) < 0) return -errno;
  *seconds = linger.l_onoff ? linger.l_linger : -1;
  return 0;
}

int amy_socket_set_linger(int descriptor, int seconds) {
  struct linger linger = {.l_onoff = seconds >= 0, .l_linger = seconds < 0 ? 0 : seconds};
  return setsockopt(descriptor, SOL_SOCKET, LINGER_IN_SECONDS, &linger, sizeof linger) == 0 ? 0 : -errno;
}

int amy_socket_set_membership(int descriptor, const struct amy_address *group, uint32_t interface, bool joined) {
#if defined(MCAST_JOIN_GROUP)
  struct group_req request;
  memset(&request, 0, sizeof request);
  request.gr_interface = interface;
  memcpy(&request.gr_group, group->bytes, group->length);
  int level = request.gr_group.ss_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
  int name = joined ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP;
  return setsockopt(descriptor, level, name, &request, sizeof request) == 0 ? 0 : -errno;
#else
  (void)descriptor, (void)group, (void)interface, (void)joined;
  return -ENOTSUP;
#endif
}

int amy_socket_credentials(int descriptor, struct amy_credentials *credentials) {
#if defined(SO_PEERCRED) && defined(__linux__)
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return -errno;
  *credentials = (struct amy_credentials){.process = peer.pid, .user = peer.uid, .group = peer.gid};
#else
  uid_t user;
  gid_t group;
  if (getpeereid(descriptor, &user, &group) < 0) return -errno;
  *credentials = (struct amy_credentials){.process = 0, .user = user, .group = group};
#if defined(LOCAL_PEERPID)
  pid_t process;
  socklen_t size = sizeof process;
  // SOL_LOCAL is 0 on Darwin.
  if (getsockopt(descriptor, 0, LOCAL_PEERPID, &process, &size) == 0) credentials->process = process;
#endif
#endif
  return 0;
}

// Names.

static struct addrinfo *as_addrinfo(struct amy_resolution *resolution) {
  return (struct addrinfo *)(void *)resolution;
}

static int resolve_error(int code) {
  switch (code) {
    case EAI_SYSTEM: return errno != 0 ? -errno : amy_resolve_failed;
    case EAI_MEMORY: return -ENOMEM;
    case EAI_AGAIN: return amy_resolve_try_again;
    case EAI_NONAME:
#if defined(EAI_NODATA) && EAI_NODATA != EAI_NONAME
    case EAI_NODATA:
#endif
#if defined(EAI_ADDRFAMILY) && EAI_ADDRFAMILY != EAI_NONAME
    case EAI_ADDRFAMILY:
#endif
      return amy_resolve_not_found;
    default: return amy_resolve_failed;
  }
}

int amy_resolve(const char *host, uint16_t port, struct amy_resolution **first) {
  // Of one type: else each address comes once for streams, once for datagrams, once raw.
  const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
  char service[6];
  char *digit = service + sizeof service - 1;
  *digit = 0;
  do *--digit = (char)('0' + port % 10);
  while ((port /= 10) > 0);
  struct addrinfo *list = NULL;
  errno = 0;
  int code = getaddrinfo(host, digit, &hints, &list);
  if (code != 0) return resolve_error(code);
  *first = (struct amy_resolution *)(void *)list;
  return 0;
}

bool amy_resolution_next(struct amy_resolution **current, struct amy_address *address) {
  const struct addrinfo *entry = as_addrinfo(*current);
  while (entry != NULL && entry->ai_addrlen > sizeof address->bytes) entry = entry->ai_next;
  if (entry == NULL) return false;
  address->length = entry->ai_addrlen;
  memcpy(address->bytes, entry->ai_addr, entry->ai_addrlen);
  *current = (struct amy_resolution *)(void *)entry->ai_next;
  return true;
}

void amy_resolution_free(struct amy_resolution *first) {
  if (first != NULL) freeaddrinfo(as_addrinfo(first));
}
