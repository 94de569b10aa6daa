#if defined(__linux__)
// EVFILT_READ and EVFILT_WRITE: the watched descriptors, and whether they exist. Their conditions are in look.c.
//
// A knote belongs to a number, and is removed when that is closed, even if another number keeps the file open. The double is
// not notified of a plain close(2); but epoll knows the file added under this number.

#define _GNU_SOURCE

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static int descriptor_of(const struct knote *knote) {
  return (int)knote->event.ident;
}

static bool is_read(const struct knote *knote) {
  return knote->event.filter == EVFILT_READ;
}

// The epoll instance with the knote, which exists by now.
static int listener_of(const struct knote *knote) {
  return is_read(knote) ? knote->queue->number : knote->queue->writers;
}

static enum kind kind_of_socket(int descriptor, int *domain) {
  int type = 0;
  socklen_t size = sizeof type;
  getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size);
  size = sizeof *domain;
  getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, domain, &size);
  return type == SOCK_STREAM || type == SOCK_SEQPACKET ? kind_stream : kind_datagram;
}

static int classify(struct knote *knote) {
  struct stat status;
  if (fstat(descriptor_of(knote), &status) != 0) return EBADF;
  knote->device = status.st_dev;
  knote->inode = status.st_ino;
  if (S_ISSOCK(status.st_mode)) {
    knote->kind = kind_of_socket(descriptor_of(knote), &knote->domain);
  } else if (S_ISFIFO(status.st_mode)) {
    // pipe(2) and mkfifo(2) give different kinds on BSD.
    struct statfs system;
    bool has_name = fstatfs(descriptor_of(knote), &system) == 0 && system.f_type != PIPEFS_MAGIC;
    knote->kind = has_name ? kind_fifo : kind_pipe;
  } else if (queue_exists(descriptor_of(knote))) {
    knote->kind = kind_queue;
  }
  return 0;
}

// The errno with which a kind refuses the filter, or 0.
static int refusal(const struct knote *knote) {
  int descriptor = descriptor_of(knote);
  if (knote->kind == kind_queue && (!is_read(knote) || descriptor == knote->queue->number)) return EINVAL;
  bool is_pipe = knote->kind == kind_pipe || knote->kind == kind_fifo;
  if (knote->queue->profile->watches_broken_pipes) return 0;
  if (is_pipe && !is_read(knote) && (fcntl(descriptor, F_GETFL) & O_ACCMODE) != O_RDONLY) {
    // The reader is gone.
    struct pollfd pipe = {.fd = descriptor, .events = POLLOUT};
    if (poll(&pipe, 1, 0) == 1 && (pipe.revents & POLLERR)) return EPIPE;
  }
  return 0;
}

static struct epoll_event report_of(const struct knote *knote) {
  uint32_t wanted = is_read(knote) ? EPOLLIN | EPOLLRDHUP : EPOLLOUT;
  return (struct epoll_event){.events = EPOLLET | (knote->disabled ? 0 : wanted), .data.u64 = knote->serial};
}

static int watch(struct knote *knote) {
  int listener = queue_listener(knote->queue, knote->event.filter);
  if (listener < 0) return errno;
  struct epoll_event report = report_of(knote);
  if (epoll_ctl(listener, EPOLL_CTL_ADD, descriptor_of(knote), &report) == 0) return 0;
  switch (errno) {
  case EEXIST:
    // Left over from a knote removed unnoticed by epoll, because a duplicate kept its file open.
    return epoll_ctl(listener, EPOLL_CTL_MOD, descriptor_of(knote), &report) == 0 ? 0 : errno;
  case EPERM:
    // Files and directories have filters, but no poll.
    knote->kind = kind_file;
    knote->is_unheard = true;
    return 0;
  case ELOOP:
    // No BSD returns this.
    knote->is_unheard = knote->queue->profile->nests_in_circles;
    return knote->is_unheard ? 0 : EINVAL;
  case ENOSPC: return ENOMEM;
  default: return errno;
  }
}

static int attach(struct knote *knote) {
  int error = classify(knote);
  if (error == 0) error = refusal(knote);
  return error != 0 ? error : watch(knote);
}

static void detach(struct knote *knote) {
  if (!knote->is_unheard) epoll_ctl(listener_of(knote), EPOLL_CTL_DEL, descriptor_of(knote), NULL);
}

// A disabled knote must not make the queue readable.
static void listen_again(struct knote *knote) {
  struct epoll_event report = report_of(knote);
  if (!knote->is_unheard) epoll_ctl(listener_of(knote), EPOLL_CTL_MOD, descriptor_of(knote), &report);
}

static bool look(struct knote *knote, bool told) {
  (void)told;
  return is_read(knote) ? file_look_read(knote) : file_look_write(knote);
}

// poll(2) does not report that a full Unix stream was shut down on this side: it stays unwritable. A kernel notifies the write
// filters (socantsendmore): so this shutdown(2) replaces the C library's.
static bool watches_writing(struct queue *queue, int descriptor) {
  return queue->writers >= 0 && listener_knows(queue->writers, descriptor);
}

int shutdown(int descriptor, int how) {
  if (syscall(SYS_shutdown, descriptor, how) != 0) return -1;
  struct pollfd stream = {.fd = descriptor, .events = POLLOUT};
  bool is_heard = how == SHUT_RD || (poll(&stream, 1, 0) == 1 && stream.revents & POLLOUT);
  if (!is_heard && locks_held == 0) queues_knock(watches_writing, descriptor);
  return 0;
}

void file_hear_ends(struct queue *queue) {
  for (int bucket = 0; bucket < buckets; bucket += 1) {
    for (struct knote *knote = queue->by_serial[bucket]; knote != NULL; knote = knote->next_by_serial) {
      if (knote->filter != &file_filter || is_read(knote) || knote->kind != kind_stream || knote->event.flags & EV_EOF) continue;
      // Mere room is no new condition.
      if (file_look_write(knote) && knote->event.flags & EV_EOF) knote_activate(knote);
    }
  }
}

bool file_is_current(struct knote *knote) {
  // The inode detects an earlier file with this number that a duplicate keeps open: epoll still knows it.
  struct stat status;
  if (fstat(descriptor_of(knote), &status) != 0) return false;
  if (status.st_dev != knote->device || status.st_ino != knote->inode) return false;
  return knote->is_unheard || listener_knows(listener_of(knote), descriptor_of(knote));
}

const struct filter file_filter = {
    .is_file = true, .attach = attach, .detach = detach, .look = look, .listen = listen_again};
#endif
