// A ring: N socket pairs or eventfds, around which READY bytes travel; each event reads from one and writes to the next.
//
//     ring MODE pairs|eventfds N READY EVENTS
//
// A library's program defines these three; its loop calls pass() for each readable slot, until remaining is not above zero.

#include "bench.h"

#include <sys/eventfd.h>
#include <sys/socket.h>

static void ring_open(const char *mode, int slots);
static void ring_add(int slot, int descriptor);
static void ring_run(void);

static int *readers, *writers;
static int slots;
static long remaining;
static size_t width;
static uint64_t bytes = 1;

static inline void pass(int slot) {
  remaining--;
  if (read(readers[slot], &bytes, width) < 0) return;
  if (write(writers[slot + 1 == slots ? 0 : slot + 1], &bytes, width) < 0) return;
}

int main(int count, char **arguments) {
  if (count != 6) return 64;
  int is_eventfd = strcmp(arguments[2], "eventfds") == 0;
  slots = atoi(arguments[3]);
  int ready = atoi(arguments[4]);
  remaining = atol(arguments[5]);
  width = is_eventfd ? 8 : 1;
  raise_descriptor_limit();
  readers = calloc((size_t)slots, sizeof *readers);
  writers = calloc((size_t)slots, sizeof *writers);
  ring_open(arguments[1], slots);
  for (int slot = 0; slot < slots; slot++) {
    int ends[2];
    if (is_eventfd) ends[0] = ends[1] = eventfd(0, EFD_NONBLOCK);
    else check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0, "socketpair");
    readers[slot] = ends[0];
    writers[slot] = ends[1];
    ring_add(slot, ends[0]);
  }
  for (int number = 0; number < ready; number++) {
    check(write(writers[(long)number * slots / ready], &bytes, width) > 0, "write");
  }
  long events = remaining;
  begin();
  ring_run();
  end(events);
}
