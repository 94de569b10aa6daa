// As in libuv's guide, and with uv_try_write first, as libuv itself recommends for small writes.

#include "../echo.h"

#include <uv.h>

struct request {
  uv_write_t write;
  char *bytes;
};

static char *spare;

static void lend(uv_handle_t *handle, size_t size, uv_buf_t *buffer) {
  (void)handle;
  *buffer = uv_buf_init(spare ? spare : malloc(size), (unsigned)size);
  spare = NULL;
}

static void give_back(char *bytes) {
  if (spare) free(bytes);
  else spare = bytes;
}

static void leave(uv_handle_t *handle) {
  free(handle);
}

static void written(uv_write_t *write, int status) {
  (void)status;
  give_back(((struct request *)write)->bytes);
  free(write);
}

static void heard(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
  if (count > 0) {
    uv_buf_t rest = uv_buf_init(buffer->base, (unsigned)count);
    int sent = uv_try_write(stream, &rest, 1);
    if (sent < 0) sent = 0;
    if (sent < count) {
      struct request *request = malloc(sizeof *request);
      request->bytes = buffer->base;
      rest = uv_buf_init(buffer->base + sent, (unsigned)(count - sent));
      uv_write(&request->write, stream, &rest, 1, written);
      return;
    }
  }
  if (buffer->base) give_back(buffer->base);
  if (count < 0) uv_close((uv_handle_t *)stream, leave);
}

static void welcome(uv_stream_t *listener, int status) {
  if (status < 0) return;
  uv_tcp_t *client = malloc(sizeof *client);
  uv_tcp_init(listener->loop, client);
  if (uv_accept(listener, (uv_stream_t *)client) < 0) return uv_close((uv_handle_t *)client, leave);
  uv_tcp_nodelay(client, 1);
  uv_read_start((uv_stream_t *)client, lend, heard);
}

int main(int count, char **arguments) {
  if (count != 2) return 64;
  raise_descriptor_limit();
  uv_tcp_t listener;
  uv_tcp_init(uv_default_loop(), &listener);
  struct sockaddr_in address = address_of(arguments[1]);
  uv_tcp_bind(&listener, (struct sockaddr *)&address, 0);
  check(uv_listen((uv_stream_t *)&listener, 4096, welcome) == 0, "listen");
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
