// seccomp(2): this process refuses itself one system call.
#define _GNU_SOURCE

#include "CAmyTestSupport.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#if defined(__linux__)

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static long number_of(enum amy_test_call call) {
  switch (call) {
    case amy_test_accept: return SYS_accept4;
    case amy_test_bind: return SYS_bind;
    case amy_test_connect: return SYS_connect;
    case amy_test_epoll_control: return SYS_epoll_ctl;
    case amy_test_epoll_create: return SYS_epoll_create1;
#if defined(SYS_epoll_wait)
    case amy_test_epoll_wait: return SYS_epoll_wait;
#else
    case amy_test_epoll_wait: return SYS_epoll_pwait;
#endif
    case amy_test_epoll_pwait2: return 441;
    case amy_test_eventfd: return SYS_eventfd2;
    case amy_test_get_option: return SYS_getsockopt;
    case amy_test_get_peer: return SYS_getpeername;
    case amy_test_listen: return SYS_listen;
    case amy_test_madvise: return SYS_madvise;
    case amy_test_pidfd_open: return 434;
    case amy_test_read: return SYS_read;
    case amy_test_receive: return SYS_recvmsg;
    case amy_test_send: return SYS_sendto;
    case amy_test_set_option: return SYS_setsockopt;
    case amy_test_shutdown: return SYS_shutdown;
    case amy_test_signalfd: return SYS_signalfd4;
    case amy_test_socket: return SYS_socket;
    case amy_test_socketpair: return SYS_socketpair;
    case amy_test_write: return SYS_write;
    case amy_test_write_segments: return SYS_writev;
  }
  return -1;
}

int amy_test_refuse(enum amy_test_call call, int argument, uint32_t value, int error) {
  // The lower half of an argument: enough for a descriptor or an operation.
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  const uint32_t half = 0;
#else
  const uint32_t half = 4;
#endif
  const uint32_t place =
      argument < 0 ? offsetof(struct seccomp_data, nr)
                   : (uint32_t)(offsetof(struct seccomp_data, args) + (size_t)argument * sizeof(uint64_t)) + half;
  const uint32_t expected = argument < 0 ? (uint32_t)number_of(call) : value;
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number_of(call), 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, place),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, expected, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ((uint32_t)error & SECCOMP_RET_DATA)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
  // For all threads; the latest filter's error counts.
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0 ? 0 : -errno;
}

bool amy_test_can_refuse(void) {
  // Fails with EFAULT without a filter if seccomp(2) is supported.
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, NULL) < 0 && errno == EFAULT;
}

#else

int amy_test_refuse(enum amy_test_call call, int argument, uint32_t value, int error) {
  (void)call, (void)argument, (void)value, (void)error;
  return -ENOSYS;
}

bool amy_test_can_refuse(void) {
  return false;
}

#endif
