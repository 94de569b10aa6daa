// Implements CAmySocket.h: addresses and names.

#include "CAmySocket.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

// Addresses.

// The layout that Swift assumes.
_Static_assert(offsetof(struct sockaddr_in, sin_port) == 2 && offsetof(struct sockaddr_in, sin_addr) == 4, "the first word");
_Static_assert(offsetof(struct sockaddr_in6, sin6_port) == 2 && offsetof(struct sockaddr_in6, sin6_flowinfo) == 4, "the first word");
_Static_assert(offsetof(struct sockaddr_in6, sin6_addr) == 8 && offsetof(struct sockaddr_in6, sin6_scope_id) == 24, "the others");
_Static_assert(sizeof(struct sockaddr_in) == 16 && sizeof(struct sockaddr_in6) == 28, "the lengths");
_Static_assert(sizeof(struct sockaddr_un) <= sizeof(((struct amy_address *)0)->words), "every address fits");

const size_t amy_name_offset = offsetof(struct sockaddr_un, sun_path);
const size_t amy_longest_path = sizeof(((struct sockaddr_un *)0)->sun_path);

#if defined(__linux__)
const bool amy_has_abstract_names = true;
#else
const bool amy_has_abstract_names = false;
#endif

struct amy_address amy_address_of(enum amy_family family, uint32_t length) {
  struct amy_address address = {.length = length};
  struct sockaddr head;
  memset(&head, 0, sizeof head);
  head.sa_family = (sa_family_t)family;
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) || defined(__DragonFly__)
  head.sa_len = (uint8_t)length;
#endif
  memcpy(address.words, &head, sizeof head);
  return address;
}

int amy_address_family(struct amy_address address) {
  struct sockaddr head;
  memcpy(&head, address.words, sizeof head);
  return head.sa_family;
}

static size_t offset_of_ip(const struct amy_address *address) {
  return amy_address_family(*address) == AF_INET ? offsetof(struct sockaddr_in, sin_addr) : offsetof(struct sockaddr_in6, sin6_addr);
}

size_t amy_address_text(const struct amy_address *address, char *text) {
  const void *bytes = (const char *)address->words + offset_of_ip(address);
  return inet_ntop(amy_address_family(*address), bytes, text, amy_text_size) == NULL ? 0 : strlen(text);
}

bool amy_address_parse(const char *text, struct amy_address *address) {
  return inet_pton(amy_address_family(*address), text, (char *)address->words + offset_of_ip(address)) == 1;
}

uint32_t amy_interface_index(const char *name) {
  return if_nametoindex(name);
}

// Names.

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

int amy_resolve(const char *host, void **first) {
  // One type: otherwise each address comes for streams, for datagrams, and raw.
  const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *list = NULL;
  errno = 0;
  int code = getaddrinfo(host, NULL, &hints, &list);
  *first = list;
  return code == 0 ? 0 : resolve_error(code);
}

bool amy_resolve_next(void **current, struct amy_address *address) {
  const struct addrinfo *entry = *current;
  while (entry != NULL && entry->ai_addrlen > sizeof address->words) entry = entry->ai_next;
  if (entry == NULL) return false;
  *address = (struct amy_address){.length = entry->ai_addrlen};
  memcpy(address->words, entry->ai_addr, entry->ai_addrlen);
  *current = entry->ai_next;
  return true;
}

void amy_resolve_free(void *first) {
  if (first != NULL) freeaddrinfo(first);
}
