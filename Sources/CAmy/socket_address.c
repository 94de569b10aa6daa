// What CAmySocket.h promises of addresses and names.

#include "CAmySocket.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

// Addresses.

union any_address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_un local;
};

_Static_assert(sizeof(union any_address) <= sizeof(((struct amy_address *)0)->bytes), "every address fits");

static const size_t name_offset = offsetof(struct sockaddr_un, sun_path);
const size_t amy_longest_path = sizeof(((struct sockaddr_un *)0)->sun_path);
const size_t amy_longest_name = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;

#if defined(__linux__)
const bool amy_has_abstract_names = true;
#else
const bool amy_has_abstract_names = false;
#endif

// The first `size` bytes of it, and then so many more that the length counts in as are to follow.
static struct amy_address pack(union any_address *address, size_t size, size_t more) {
  struct amy_address packed = {.length = (uint32_t)(size + more)};
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) || defined(__DragonFly__)
  address->any.sa_len = (uint8_t)(size + more);
#endif
  memcpy(packed.bytes, address, size);
  return packed;
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
    return pack(&address, sizeof address.v4, 0);
  }
  address.v6.sin6_family = AF_INET6;
  address.v6.sin6_port = htons(endpoint.port);
  address.v6.sin6_scope_id = endpoint.scope;
  address.v6.sin6_flowinfo = htonl(endpoint.flow);
  store_halves(address.v6.sin6_addr.s6_addr, endpoint.high, endpoint.low);
  return pack(&address, sizeof address.v6, 0);
}

// A path ends in a NUL, which counts, where there is room for one; an abstract name begins with one. No name at all is the
// family alone. The kernel refuses what is too long for it.
struct amy_address amy_address_of_name(const uint8_t *name, size_t length, bool is_abstract) {
  union any_address address;
  memset(&address, 0, sizeof address);
  address.local.sun_family = AF_UNIX;
  const bool has_nul = is_abstract || (length > 0 && length < amy_longest_path);
  struct amy_address packed = pack(&address, name_offset, length + has_nul);
  if (packed.length > sizeof packed.bytes) packed.length = 0;
  else if (length > 0) memcpy(packed.bytes + name_offset + is_abstract, name, length);
  return packed;
}

static const unsigned char *name_of(const struct amy_address *address) {
  return address->bytes + name_offset;
}

struct amy_endpoint amy_address_decode(const struct amy_address *packed) {
  struct amy_endpoint endpoint = {.family = amy_family_none};
  union any_address address;
  memset(&address, 0, sizeof address);
  if (packed->length < name_offset) return endpoint;
  size_t length = packed->length < sizeof packed->bytes ? packed->length : sizeof packed->bytes;
  memcpy(&address, packed->bytes, length < sizeof address ? length : sizeof address);
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
