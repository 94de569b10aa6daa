// Edge-triggered, one buffer for all; bytes that a connection cannot take at once are kept for it.

#include "../echo.h"

#include <sys/epoll.h>

enum { SIZE = 16384 };

struct client {
  int descriptor;
  char *unsent;
  size_t start, end;
};

static int queue;
static char buffer[SIZE];

static void leave(struct client *client) {
  close(client->descriptor);
  free(client->unsent);
  free(client);
}

// Writes pending bytes; returns false if some are still pending, or if the connection is gone.
static int flush(struct client *client) {
  while (client->start < client->end) {
    ssize_t count = send(client->descriptor, client->unsent + client->start, client->end - client->start, MSG_NOSIGNAL);
    if (count < 0) return 0;
    client->start += (size_t)count;
  }
  return 1;
}

static void serve(struct client *client) {
  while (flush(client)) {
    ssize_t count = read(client->descriptor, buffer, SIZE);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return leave(client);
    ssize_t sent = send(client->descriptor, buffer, (size_t)count, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return leave(client);
    if (sent < 0) sent = 0;
    if (sent == count && count < SIZE) return;
    if (sent == count) continue;
    if (client->unsent == NULL) client->unsent = malloc(SIZE);
    client->start = 0;
    client->end = (size_t)(count - sent);
    memcpy(client->unsent, buffer + sent, client->end);
  }
}

static void welcome(int listener) {
  int descriptor;
  while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    int one = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct client *client = calloc(1, sizeof *client);
    client->descriptor = descriptor;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = client};
    epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event);
  }
}

int main(int count, char **arguments) {
  if (count != 2) return 64;
  raise_descriptor_limit();
  queue = epoll_create1(EPOLL_CLOEXEC);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = address_of(arguments[1]);
  check(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 4096) == 0, "listen");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event);
  struct epoll_event events[256];
  while (1) {
    int ready = epoll_wait(queue, events, 256, -1);
    for (int index = 0; index < ready; index++) {
      if (events[index].data.ptr == NULL) welcome(listener);
      else serve(events[index].data.ptr);
    }
  }
}
