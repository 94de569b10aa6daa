#if KqueueModel
import Glibc
import KqueueModel
import Testing

extension Model {
  @Suite("EVFILT_READ and EVFILT_WRITE")
  struct DescriptorTests {
    let queue: Queue

    init() throws { queue = try Queue() }

    // Sockets, reading.

    @Test("a listener returns when a connection is pending; data is the size of the backlog")
    func listening() throws {
      let (listener, port) = try listen()
      queue.apply(change(listener, readFilter, EV_ADD))
      #expect(queue.events().isEmpty)
      let clients = try (0..<2).map { _ in try connect(to: port) }
      #expect(queue.events(for: 1000).map(\.data) == [2])
      close(accept(listener, nil, nil))
      #expect(queue.events().map(\.data) == [1])
      close(accept(listener, nil, nil))
      #expect(queue.events().isEmpty)
      for descriptor in clients + [listener] { close(descriptor) }
    }

    @Test("data is the number of bytes available to read", arguments: [1, 100, 5000])
    func bytes(_ count: Int) throws {
      let pair = try Pair()
      queue.apply(change(pair.near, readFilter, EV_ADD))
      pair.send(count)
      #expect(queue.events().map(\.data) == [Int64(count)])
    }

    @Test("NOTE_LOWAT: a low water mark for one filter")
    func lowWater() throws {
      let pair = try Pair()
      queue.apply(change(pair.near, readFilter, EV_ADD, fflags: UInt32(NOTE_LOWAT), data: 10))
      pair.send(9)
      #expect(queue.events().isEmpty)
      pair.send(1)
      #expect(queue.events().map(\.data) == [10])
    }

    @Test("when the read direction has shut down, EV_EOF, while data is still pending")
    func endWithData() throws {
      let pair = try Pair()
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_CLEAR))
      pair.send(3)
      pair.closeFar()
      let events = queue.events()
      #expect(events.map(\.data) == [3])
      #expect(events.map { $0.has(EV_EOF) } == [true])
      #expect(events.map(\.fflags) == [0])
    }

    @Test("R1: a reset gives EV_EOF to both filters, with the socket's error in fflags, which is left to the user")
    func reset() throws {
      let pair = try Pair(tcp: ())
      queue.apply(change(pair.near, readFilter, EV_ADD), change(pair.near, writeFilter, EV_ADD | EV_CLEAR))
      #expect(queue.events().count == 1)
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(pair.far, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
      pair.closeFar()
      let events = queue.events(for: 1000)
      #expect(events.map { $0.has(EV_EOF) } == [true, true])
      #expect(events.map(\.fflags) == [UInt32(ECONNRESET), UInt32(ECONNRESET)])
      #expect(pair.receive() == -1)
      #expect(errno == ECONNRESET)
      #expect(queue.events().map(\.fflags) == [0], "it was taken")
    }

    @Test("R1: a refused connection likewise")
    func refused() throws {
      let (listener, port) = try listen()
      close(listener)
      let client = try connect(to: port)
      queue.apply(change(client, writeFilter, EV_ADD), change(client, readFilter, EV_ADD))
      let events = queue.events(for: 1000)
      #expect(events.map { $0.has(EV_EOF) } == [true, true])
      #expect(events.map(\.fflags) == [UInt32(ECONNREFUSED), UInt32(ECONNREFUSED)])
      close(client)
    }

    @Test("R2: the peer's half-close is EV_EOF for reading alone")
    func halfClosed() throws {
      let pair = try Pair(tcp: ())
      queue.apply(change(pair.near, readFilter, EV_ADD), change(pair.near, writeFilter, EV_ADD))
      shutdown(pair.far, CInt(SHUT_WR))
      _ = queue.events(room: 1, for: 1000)
      usleep(10_000)
      let events = queue.events().sorted { $0.filter > $1.filter }
      #expect(events.map { $0.has(EV_EOF) } == [true, false])
    }

    @Test("R2: our own half-close is EV_EOF for writing", arguments: [false, true])
    func ownHalfClose(_ isTCP: Bool) throws {
      let pair = isTCP ? try Pair(tcp: ()) : try Pair()
      queue.apply(change(pair.near, readFilter, EV_ADD), change(pair.near, writeFilter, EV_ADD))
      shutdown(pair.near, CInt(SHUT_WR))
      #expect(queue.events().map { $0.has(EV_EOF) } == [true])
      shutdown(pair.near, CInt(SHUT_RD))
      #expect(queue.events().map { $0.has(EV_EOF) } == [true, true])
    }

    @Test("R2: also for a full stream; edge-triggered it is delivered once", arguments: [0, EV_CLEAR, EV_DISPATCH])
    func fullHalfClose(_ flag: CInt) throws {
      let pair = try Pair()
      let outer = try Queue()
      let byte: [UInt8] = Array(repeating: 1, count: 4096)
      while send(pair.near, byte, byte.count, CInt(MSG_DONTWAIT)) > 0 {}
      outer.apply(change(queue.number, readFilter, EV_ADD))
      queue.apply(change(pair.near, writeFilter, EV_ADD | flag))
      #expect(queue.events().isEmpty && !queue.isReadable)
      shutdown(pair.near, CInt(SHUT_WR))
      #expect(queue.isReadable)
      #expect(outer.events().count == 1)
      #expect(queue.events().map { $0.has(EV_EOF) } == [true])
      #expect(queue.events().count == (flag == 0 ? 1 : 0))
    }

    @Test("R2: the peer's close of a Unix socket is EV_EOF for both")
    func closedUnix() throws {
      let pair = try Pair()
      queue.apply(change(pair.near, readFilter, EV_ADD), change(pair.near, writeFilter, EV_ADD))
      pair.closeFar()
      #expect(queue.events().map { $0.has(EV_EOF) } == [true, true])
    }

    @Test("R3: a stream that was never connected is silent, until it is")
    func unconnected() throws {
      let fresh = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
      queue.apply(change(fresh, readFilter, EV_ADD), change(fresh, writeFilter, EV_ADD))
      #expect(queue.events().isEmpty)
      close(fresh)
      let (listener, port) = try listen()
      let client = try connect(to: port)
      queue.apply(change(client, readFilter, EV_ADD), change(client, writeFilter, EV_ADD))
      #expect(queue.events(for: 1000).map(\.filter) == [Int16(writeFilter)])
      close(client)
      close(listener)
    }

    @Test("datagrams are read and written")
    func datagrams() throws {
      let pair = try Pair(type: SOCK_DGRAM)
      queue.apply(change(pair.near, readFilter, EV_ADD), change(pair.near, writeFilter, EV_ADD))
      #expect(queue.events().map(\.filter) == [Int16(writeFilter)])
      pair.send(4)
      #expect(queue.events().contains { $0.filter == Int16(readFilter) && $0.data == 4 })
    }

    // Pipes.

    @Test("a pipe returns when there is data; data is the number of bytes; EV_EOF when the last writer disconnects")
    func pipes() throws {
      let pair = try Pair(pipe: true)
      queue.apply(change(pair.near, readFilter, EV_ADD))
      #expect(queue.events().isEmpty)
      pair.send(6)
      #expect(queue.events().map(\.data) == [6])
      pair.closeFar()
      #expect(queue.events().map { $0.has(EV_EOF) && $0.data == 6 } == [true])
    }

    @Test("EV_EOF of a FIFO is cleared when a new writer connects")
    func fifos() throws {
      let path = "/tmp/kqueue-model-\(getpid())-fifo"
      try #require(mkfifo(path, 0o600) == 0)
      let reader = open(path, O_RDONLY | O_NONBLOCK)
      queue.apply(change(reader, readFilter, EV_ADD))
      #expect(queue.events().isEmpty)
      let first = open(path, O_WRONLY)
      close(first)
      #expect(queue.events().map { $0.has(EV_EOF) } == [true])
      let second = open(path, O_WRONLY)
      #expect(queue.events().isEmpty)
      #expect(write(second, "x", 1) == 1)
      #expect(queue.events().map { $0.has(EV_EOF) } == [false])
      for descriptor in [reader, second] { close(descriptor) }
      unlink(path)
    }

    @Test("EVFILT_WRITE: data is the room that is left; EV_EOF when the reader disconnects")
    func pipeRoom() throws {
      let pair = try Pair(pipe: true)
      _ = fcntl(pair.far, F_SETFL, O_NONBLOCK)
      queue.apply(change(pair.far, writeFilter, EV_ADD))
      let room = try #require(queue.events().first?.data)
      pair.send(100)
      #expect(queue.events().map(\.data) == [room - 100])
      pair.send(Int(room) - 100)
      #expect(queue.events().isEmpty)
      pair.closeNear()
      #expect(queue.events().map { $0.has(EV_EOF) } == [true])
    }

    @Test("P1: a pipe without a reader cannot be watched for writing: EPIPE")
    func brokenPipe() throws {
      let pair = try Pair(pipe: true)
      pair.closeNear()
      #expect(queue.apply(change(pair.far, writeFilter, EV_ADD)) == EPIPE)
    }

    @Test("P2: the wrong end of a FIFO is accepted, and never delivered")
    func wrongEnd() throws {
      let path = "/tmp/kqueue-model-\(getpid())-wrong"
      try #require(mkfifo(path, 0o600) == 0)
      let reader = open(path, O_RDONLY | O_NONBLOCK)
      let writer = open(path, O_WRONLY)
      #expect(queue.apply(change(reader, writeFilter, EV_ADD), change(writer, readFilter, EV_ADD)) == 0)
      #expect(write(writer, "x", 1) == 1)
      #expect(queue.events().isEmpty)
      for descriptor in [reader, writer] { close(descriptor) }
      unlink(path)
    }

    @Test("for sockets EVFILT_WRITE reports the room left, and again when there is some")
    func socketRoom() throws {
      let pair = try Pair()
      _ = fcntl(pair.far, F_SETFL, O_NONBLOCK)
      queue.apply(change(pair.far, writeFilter, EV_ADD | EV_CLEAR))
      let room = try #require(queue.events().first?.data)
      #expect(room > 0)
      let bytes = [UInt8](repeating: 0, count: 4096)
      while write(pair.far, bytes, bytes.count) > 0 {}
      #expect(queue.events().isEmpty)
      _ = fcntl(pair.near, F_SETFL, O_NONBLOCK)
      while pair.receive(65536) > 0 {}
      #expect(queue.events().count == 1)
      #expect(queue.events().isEmpty)
    }

    // Files and terminals.

    @Test("of a file, data is the offset to its end, and it returns when that is not 0")
    func files() throws {
      let path = "/tmp/kqueue-model-\(getpid())-file"
      let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
      #expect(queue.apply(change(file, readFilter, EV_ADD)) == 0)
      #expect(queue.events().isEmpty)
      #expect(write(file, "four", 4) == 4)
      lseek(file, 1, SEEK_SET)
      #expect(queue.apply(change(file, readFilter, EV_ADD)) == 0)
      #expect(queue.events().map(\.data) == [3])
      #expect(queue.apply(change(file, readFilter, EV_DELETE)) == 0)
      close(file)
      unlink(path)
    }

    @Test("a terminal is read and written")
    func terminals() throws {
      let near = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      // TIOCSPTLCK and TIOCGPTN.
      var number: CInt = 0
      try #require(ioctl(near, 0x4004_5431, &number) == 0 && ioctl(near, 0x8004_5430, &number) == 0)
      let far = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
      queue.apply(change(near, readFilter, EV_ADD), change(near, writeFilter, EV_ADD))
      #expect(queue.events().map(\.filter) == [Int16(writeFilter)])
      #expect(write(far, "ab", 2) == 2)
      // A terminal passes it on asynchronously.
      var arrived = pollfd(fd: near, events: Int16(POLLIN), revents: 0)
      #expect(poll(&arrived, 1, 10_000) == 1)
      let events = queue.events()
      #expect(events.count == 2)
      #expect(events.first { $0.filter == Int16(readFilter) }?.data ?? 0 > 0)
      close(near)
      close(far)
    }

    // Closing.

    @Test("calling close on a descriptor removes any kevents that reference it", arguments: [0, EV_CLEAR])
    func closing(_ flags: CInt) throws {
      let pair = try Pair()
      let number = moved(dup(pair.near))
      queue.apply(change(number, readFilter, EV_ADD | flags), change(number, writeFilter, EV_ADD | flags))
      #expect(queue.events().count == 1)
      pair.send()
      close(number)
      #expect(queue.events().isEmpty, "though the file is open by another number")
      #expect(!queue.isReadable)
      #expect(queue.apply(change(number, readFilter, EV_DELETE)) == EBADF)
    }

    @Test("V1: also when another file gets the number at once", arguments: [0, EV_CLEAR, EV_DISPATCH, EV_ONESHOT])
    func reused(_ flags: CInt) throws {
      let old = try Pair()
      let new = try Pair()
      let number = moved(dup(old.near))
      queue.apply(change(number, readFilter, EV_ADD | flags, udata: 1))
      old.send()
      new.send()
      dup2(new.near, number)
      #expect(queue.events().isEmpty, "neither the old file nor the new one is reported")
      #expect(queue.apply(change(number, readFilter, EV_DELETE)) == ENOENT)
      queue.apply(change(number, readFilter, EV_ADD | flags, udata: 2))
      #expect(queue.events().map(\.tag) == [2])
      old.receive()
      old.send()
      #expect(queue.events().map(\.tag) == (flags == 0 ? [2] : []), "the old file has no knote")
      close(number)
    }

    @Test("V1: also for files without an inode of their own", arguments: [0, EV_CLEAR, EV_DISPATCH, EV_ONESHOT])
    func reusedAnonymous(_ flags: CInt) throws {
      // On Linux queues are such files.
      let both = try (0..<2).map { _ in try Queue() }
      for other in both {
        other.apply(change(1, userFilter, EV_ADD), change(1, userFilter, 0, fflags: UInt32(NOTE_TRIGGER)))
      }
      let number = moved(dup(both[0].number))
      queue.apply(change(number, readFilter, EV_ADD | flags))
      dup2(both[1].number, number)
      #expect(queue.events().isEmpty)
      #expect(queue.apply(change(number, readFilter, EV_DELETE)) == ENOENT)
      close(number)
    }

    @Test("V1: enabling, disabling and deleting do not find the other file's knote")
    func reusedChanges() throws {
      let old = try Pair()
      let new = try Pair()
      for flags in [EV_ENABLE, EV_DISABLE, EV_DELETE] {
        let number = moved(dup(old.near))
        queue.apply(change(number, writeFilter, EV_ADD))
        dup2(new.near, number)
        #expect(queue.apply(change(number, writeFilter, flags)) == ENOENT)
        close(number)
      }
    }

    @Test("V2: adding the number again makes a new knote, with its own flags")
    func reusedFlags() throws {
      let old = try Pair()
      let new = try Pair()
      new.send()
      let number = moved(dup(old.near))
      queue.apply(change(number, readFilter, EV_ADD | EV_CLEAR | EV_DISABLE))
      dup2(new.near, number)
      queue.apply(change(number, readFilter, EV_ADD))
      for _ in 0..<2 { #expect(queue.events().map { $0.has(EV_CLEAR) } == [false]) }
      close(number)
    }
  }
}
#endif
