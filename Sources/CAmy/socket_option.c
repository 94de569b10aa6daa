// What CAmySocket.h promises of options.

// struct ucred.
#define _GNU_SOURCE

#include "CAmySocket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

// Where the option is, for a socket of this family. A level of -1 means that there is no such option here.
struct place {
  int level, name;
};

// FreeBSD's SO_REUSEPORT gives everything to the last listener; its other option spreads, as Linux does.
#if defined(SO_REUSEPORT_LB)
enum { share_port = SO_REUSEPORT_LB };
#else
enum { share_port = SO_REUSEPORT };
#endif

static struct place place_of(enum amy_option option, bool is_v6) {
  const struct place nowhere = {-1, -1};
  switch (option) {
    case amy_option_error: return (struct place){SOL_SOCKET, SO_ERROR};
    case amy_option_reuse_address: return (struct place){SOL_SOCKET, SO_REUSEADDR};
    case amy_option_share_port: return (struct place){SOL_SOCKET, share_port};
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
#if defined(TCP_USER_TIMEOUT)
    case amy_option_user_timeout: return (struct place){IPPROTO_TCP, TCP_USER_TIMEOUT};
#else
    case amy_option_user_timeout: return nowhere;
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
