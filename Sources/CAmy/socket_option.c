// Implements the options of CAmySocket.h.

// struct ucred.
#define _GNU_SOURCE

#include "CAmySocket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

// FreeBSD's SO_REUSEPORT gives all connections to the last listener; this one spreads them, as Linux does.
#if defined(SO_REUSEPORT_LB)
#define SHARE_PORT SO_REUSEPORT_LB
#else
#define SHARE_PORT SO_REUSEPORT
#endif

// An option of name 0, which none has, is not available on this system.
static const struct place {
  int level, name;
} places[] = {
    [amy_option_error] = {SOL_SOCKET, SO_ERROR},
    [amy_option_type] = {SOL_SOCKET, SO_TYPE},
    [amy_option_reuse_address] = {SOL_SOCKET, SO_REUSEADDR},
    [amy_option_share_port] = {SOL_SOCKET, SHARE_PORT},
    [amy_option_v6_only] = {IPPROTO_IPV6, IPV6_V6ONLY},
    [amy_option_send_buffer] = {SOL_SOCKET, SO_SNDBUF},
    [amy_option_receive_buffer] = {SOL_SOCKET, SO_RCVBUF},
    [amy_option_no_delay] = {IPPROTO_TCP, TCP_NODELAY},
    [amy_option_keep_alive] = {SOL_SOCKET, SO_KEEPALIVE},
#if defined(TCP_KEEPIDLE)
    [amy_option_keep_alive_idle] = {IPPROTO_TCP, TCP_KEEPIDLE},
#elif defined(TCP_KEEPALIVE)
    [amy_option_keep_alive_idle] = {IPPROTO_TCP, TCP_KEEPALIVE},
#endif
#if defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
    [amy_option_keep_alive_interval] = {IPPROTO_TCP, TCP_KEEPINTVL},
    [amy_option_keep_alive_count] = {IPPROTO_TCP, TCP_KEEPCNT},
#endif
#if defined(TCP_USER_TIMEOUT)
    [amy_option_user_timeout] = {IPPROTO_TCP, TCP_USER_TIMEOUT},
#endif
    [amy_option_hops] = {IPPROTO_IP, IP_TTL},
    [amy_option_hops_v6] = {IPPROTO_IPV6, IPV6_UNICAST_HOPS},
    [amy_option_broadcast] = {SOL_SOCKET, SO_BROADCAST},
    [amy_option_multicast_hops] = {IPPROTO_IP, IP_MULTICAST_TTL},
    [amy_option_multicast_hops_v6] = {IPPROTO_IPV6, IPV6_MULTICAST_HOPS},
    [amy_option_multicast_loop] = {IPPROTO_IP, IP_MULTICAST_LOOP},
    [amy_option_multicast_loop_v6] = {IPPROTO_IPV6, IPV6_MULTICAST_LOOP},
};

int amy_socket_option(int descriptor, enum amy_option option, int *value) {
  const struct place place = places[option];
  if (place.name == 0) return -ENOTSUP;
  socklen_t size = sizeof *value;
  return getsockopt(descriptor, place.level, place.name, value, &size) == 0 ? 0 : -errno;
}

int amy_socket_set_option(int descriptor, enum amy_option option, int value) {
  const struct place place = places[option];
  if (place.name == 0) return -ENOTSUP;
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
  memcpy(&request.gr_group, group->words, group->length);
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
