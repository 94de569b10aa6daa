#if defined(__linux__)
// The conditions of EVFILT_READ and EVFILT_WRITE: poll(2) and the kernel's data on sockets and pipes, in BSD's terms.

#define _GNU_SOURCE

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int descriptor_of(const struct knote *knote) {
  return (int)knote->event.ident;
}

static short poll_now(const struct knote *knote, short events) {
  struct pollfd descriptor = {.fd = descriptor_of(knote), .events = events};
  return poll(&descriptor, 1, 0) == 1 ? descriptor.revents : 0;
}

static int number_of(const struct knote *knote, unsigned long request) {
  int number = 0;
  return ioctl(descriptor_of(knote), request, &number) == 0 ? number : 0;
}

static int option_of(const struct knote *knote, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(descriptor_of(knote), SOL_SOCKET, option, &value, &size) == 0 ? value : 0;
}

static bool tcp_info(const struct knote *knote, struct tcp_info *info) {
  socklen_t size = sizeof *info;
  if (knote->kind != kind_stream || (knote->domain != AF_INET && knote->domain != AF_INET6)) return false;
  return getsockopt(descriptor_of(knote), IPPROTO_TCP, TCP_INFO, info, &size) == 0;
}

static bool end_of_file(struct knote *knote, unsigned error) {
  knote->event.flags |= EV_EOF;
  knote->event.fflags = error;
  return true;
}

// Returns the socket's error without asking, which on Linux would take it from the user: a guess, of which only that it is not
// 0 is certain.
static unsigned error_of(const struct knote *knote, short state) {
  struct tcp_info info;
  if (!(state & POLLERR)) return 0;
  if (tcp_info(knote, &info)) return info.tcpi_rtt != 0 ? ECONNRESET : ECONNREFUSED;
  return knote->kind == kind_stream ? ECONNRESET : ECONNREFUSED;
}

static bool is_enough(const struct knote *knote, bool otherwise) {
  return knote->given_fflags & NOTE_LOWAT ? knote->event.data >= knote->given_data : otherwise;
}

// Reading.

static bool listener_has_news(struct knote *knote, short state) {
  struct tcp_info info;
  bool is_ready = state & POLLIN;
  // Linux stores a listener's number of waiting connections there.
  knote->event.data = tcp_info(knote, &info) ? info.tcpi_unacked : is_ready;
  return is_ready;
}

static bool socket_has_news(struct knote *knote) {
  short state = poll_now(knote, POLLIN | POLLRDHUP);
  if (option_of(knote, SO_ACCEPTCONN)) return listener_has_news(knote, state);
  knote->event.data = number_of(knote, FIONREAD);
  // Linux reports a never connected socket's hang-up, but not for its read side.
  if (state & POLLRDHUP) return end_of_file(knote, error_of(knote, state));
  if (state & POLLERR) return true;
  return is_enough(knote, state & POLLIN);
}

// The wrong end is not refused. A FIFO's or a one-way pipe's is never reported, except its EV_EOF under some profiles.
static bool wrong_end_has_news(struct knote *knote, bool is_ready) {
  const struct profile *profile = knote->queue->profile;
  bool has_two_ways = knote->kind == kind_pipe && profile->has_pipes_of_two_ways;
  if ((has_two_ways || profile->tells_end_at_wrong_end) && poll_now(knote, 0) & (POLLHUP | POLLERR)) return end_of_file(knote, 0);
  return has_two_ways && is_ready;
}

static bool pipe_has_news(struct knote *knote) {
  if ((fcntl(descriptor_of(knote), F_GETFL) & O_ACCMODE) == O_WRONLY) return wrong_end_has_news(knote, false);
  short state = poll_now(knote, POLLIN);
  knote->event.data = number_of(knote, FIONREAD);
  if (state & POLLHUP) return end_of_file(knote, 0);
  // There is a new writer.
  knote->event.flags &= (unsigned short)~EV_EOF;
  return knote->event.data > 0;
}

static bool file_has_news(struct knote *knote) {
  struct stat status = {0};
  fstat(descriptor_of(knote), &status);
  knote->event.data = 0;
  if (!S_ISREG(status.st_mode)) return true;
  knote->event.data = status.st_size - lseek(descriptor_of(knote), 0, SEEK_CUR);
  return knote->event.data != 0 || (knote->given_fflags & NOTE_FILE_POLL);
}

bool file_look_read(struct knote *knote) {
  switch (knote->kind) {
  case kind_stream:
  case kind_datagram: return socket_has_news(knote);
  case kind_pipe:
  case kind_fifo: return pipe_has_news(knote);
  case kind_file: return file_has_news(knote);
  case kind_queue: {
    signals_look_elsewhere(descriptor_of(knote));
    bool is_ready = poll_now(knote, POLLIN) & POLLIN;
    knote->event.data = is_ready;
    return is_ready;
  }
  case kind_other: break;
  }
  short state = poll_now(knote, POLLIN);
  knote->event.data = state & POLLIN ? number_of(knote, FIONREAD) : 0;
  if (state & POLLHUP) return end_of_file(knote, 0);
  return state & POLLIN;
}

// Writing.

enum side { side_open, side_unconnected, side_closed };

static enum side tcp_side(const struct tcp_info *info, short state) {
  switch (info->tcpi_state) {
  case TCP_ESTABLISHED:
  case TCP_CLOSE_WAIT: return side_open;
  case TCP_SYN_SENT:
  case TCP_SYN_RECV:
  case TCP_LISTEN: return side_unconnected;
  // A never connected socket is closed as well, but has no end to read.
  case TCP_CLOSE: return state & POLLRDHUP ? side_closed : side_unconnected;
  default: return side_closed;
  }
}

static enum side side_of(const struct knote *knote, short state) {
  struct tcp_info info;
  if (tcp_info(knote, &info)) return tcp_side(&info, state);
  if (knote->kind == kind_datagram) return side_open;
  if ((state & POLLHUP) && (state & POLLRDHUP)) return side_closed;
  // No poll reports a shutdown for writing. Sending nothing on a stream has no effect.
  if (option_of(knote, SO_TYPE) != SOCK_STREAM) return side_open;
  if (send(descriptor_of(knote), "", 0, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return side_open;
  return errno == EPIPE ? side_closed : errno == ENOTCONN ? side_unconnected : side_open;
}

static bool socket_has_room(struct knote *knote) {
  short state = poll_now(knote, POLLOUT | POLLRDHUP);
  int room = option_of(knote, SO_SNDBUF) - number_of(knote, TIOCOUTQ);
  knote->event.data = room > 0 ? room : 0;
  enum side side = side_of(knote, state);
  if (side == side_closed) return end_of_file(knote, error_of(knote, state));
  if (state & POLLERR) return true;
  if (side == side_unconnected) return false;
  return (state & POLLOUT) && is_enough(knote, true);
}

static bool pipe_has_room(struct knote *knote) {
  if ((fcntl(descriptor_of(knote), F_GETFL) & O_ACCMODE) == O_RDONLY) return wrong_end_has_news(knote, true);
  short state = poll_now(knote, POLLOUT);
  knote->event.data = 0;
  if (state & POLLERR) return end_of_file(knote, 0);
  knote->event.flags &= (unsigned short)~EV_EOF;
  knote->event.data = fcntl(descriptor_of(knote), F_GETPIPE_SZ) - number_of(knote, FIONREAD);
  return (state & POLLOUT) && knote->event.data >= PIPE_BUF;
}

bool file_look_write(struct knote *knote) {
  switch (knote->kind) {
  case kind_stream:
  case kind_datagram: return socket_has_room(knote);
  case kind_pipe:
  case kind_fifo: return pipe_has_room(knote);
  case kind_file: return true;
  case kind_queue: return false;
  case kind_other: break;
  }
  short state = poll_now(knote, POLLOUT);
  if (state & POLLHUP) return end_of_file(knote, 0);
  return state & POLLOUT;
}
#endif
