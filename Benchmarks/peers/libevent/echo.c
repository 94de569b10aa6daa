// With bufferevents and an evconnlistener, as in libevent's book.

#include "../echo.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

static void heard(struct bufferevent *stream, void *context) {
  (void)context;
  evbuffer_add_buffer(bufferevent_get_output(stream), bufferevent_get_input(stream));
}

static void happened(struct bufferevent *stream, short events, void *context) {
  (void)context;
  if (events & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) bufferevent_free(stream);
}

static void welcome(
    struct evconnlistener *listener, evutil_socket_t descriptor, struct sockaddr *address, int length, void *context) {
  (void)address, (void)length, (void)context;
  int one = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct bufferevent *stream =
      bufferevent_socket_new(evconnlistener_get_base(listener), descriptor, BEV_OPT_CLOSE_ON_FREE);
  bufferevent_setcb(stream, heard, NULL, happened, NULL);
  bufferevent_enable(stream, EV_READ | EV_WRITE);
}

int main(int count, char **arguments) {
  if (count != 2) return 64;
  raise_descriptor_limit();
  struct event_base *base = event_base_new();
  struct sockaddr_in address = address_of(arguments[1]);
  check(
      evconnlistener_new_bind(
          base, welcome, NULL, LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE, 4096, (struct sockaddr *)&address, sizeof address)
          != NULL,
      "listen");
  event_base_dispatch(base);
}
