import Amy
import AmySockets
import SystemPackage
import Testing

@Suite("A socket's owner")
struct OwnershipTests {
  @Test("makes every socket close-on-exec and non-blocking")
  func flags() throws {
    func check(_ socket: borrowing some Socket & ~Copyable) {
      #expect(Files.isCloseOnExec(socket.fileDescriptor))
      #expect(Files.isNonBlocking(socket.fileDescriptor))
    }
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    check(listener)
    let client = try TCPStream(connectingTo: listener.localEndpoint)
    check(client)
    check(try accept(from: listener))
    let unixListener = try UnixListener(bindingTo: Unique.abstract())
    check(unixListener)
    check(try UnixStream(connectingTo: unixListener.localEndpoint))
    check(try accept(from: unixListener))
    let streams = try UnixStream.pair()
    check(streams.first)
    check(streams.second)
    check(try UDPSocket(bindingTo: .loopback(port: 0)))
    check(try UDPSocket(connectingTo: .loopback(port: 9)))
    check(try UnixDatagramSocket(bindingTo: Unique.abstract()))
    let datagrams = try UnixDatagramSocket.pair()
    check(datagrams.first)
    check(datagrams.second)
  }

  @Test("closes the socket when destroyed")
  func closes() throws {
    func check<Owner: Socket & ~Copyable>(_ owner: consuming Owner) {
      let descriptor = owner.fileDescriptor
      let identity = Files.identity(descriptor)
      #expect(identity != nil)
      close(owner)
      // Another test may have the number by now, not the socket.
      #expect(Files.identity(descriptor) != identity)
    }
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    check(try TCPStream(connectingTo: listener.localEndpoint))
    check(try accept(from: listener))
    check(listener)
    check(try UnixListener(bindingTo: Unique.abstract()))
    let streams = try UnixStream.pair()
    check(streams.first)
    check(try UDPSocket(bindingTo: .loopback(port: 0)))
    let datagrams = try UnixDatagramSocket.pair()
    check(datagrams.first)
  }

  @Test("makes the peer see the end when it closes")
  func peerSeesTheEnd() throws {
    let pair = try UnixStream.pair()
    let ours = pair.first
    #expect(try !isReady(for: .readable, ours))
    close(pair.second)
    #expect(try read(1, from: ours) == [])
  }

  @Test("releases its descriptor open, and adopts one as if it had made it")
  func releaseAndAdopt() throws {
    let pair = try UnixStream.pair()
    let ours = pair.first
    let theirs = pair.second
    let descriptor = theirs.release()
    #expect(try ours.write([1]) == .bytes(1))
    Files.clearFlags(descriptor)
    let adopted = try UnixStream(adopting: descriptor)
    #expect(adopted.fileDescriptor == descriptor)
    #expect(Files.isCloseOnExec(descriptor))
    #expect(Files.isNonBlocking(descriptor))
    #expect(try read(1, from: adopted) == [1])
  }

  @Test("adopts its own kind, and refuses every other")
  func adoptKinds() throws {
    /// Returns whether the descriptor is accepted as that kind; its owner keeps it open.
    func takes<Kind: Socket & ~Copyable>(
      _ descriptor: FileDescriptor, _ adopt: (FileDescriptor) throws(PollerError) -> Kind
    ) -> Bool {
      do {
        _ = try adopt(descriptor).release()
        return true
      } catch {
        #expect(error.code == .invalidArgument)
        return false
      }
    }
    func kinds(_ socket: borrowing some Socket & ~Copyable) -> [Bool] {
      let descriptor = socket.fileDescriptor
      return [
        takes(descriptor) { (descriptor) throws(PollerError) in try TCPStream(adopting: descriptor) },
        takes(descriptor) { (descriptor) throws(PollerError) in try UnixStream(adopting: descriptor) },
        takes(descriptor) { (descriptor) throws(PollerError) in try UDPSocket(adopting: descriptor) },
        takes(descriptor) { (descriptor) throws(PollerError) in try UnixDatagramSocket(adopting: descriptor) },
      ]
    }
    let tcp = try tcpPair()
    #expect(kinds(tcp.first) == [true, false, false, false])
    if hasV6 {
      let v6 = try tcpPair(.loopbackV6(port: 0))
      #expect(kinds(v6.first) == [true, false, false, false])
    }
    let unix = try UnixStream.pair()
    #expect(kinds(unix.first) == [false, true, false, false])
    let udp = try UDPSocket(bindingTo: .loopback(port: 0))
    #expect(kinds(udp) == [false, false, true, false])
    let datagrams = try UnixDatagramSocket.pair()
    #expect(kinds(datagrams.first) == [false, false, false, true])
  }

  @Test("adopts a listener, as from socket activation")
  func adoptListener() throws {
    let tcp = try TCPListener(adopting: TCPListener(bindingTo: .loopback(port: 0)).release())
    let client = try TCPStream(connectingTo: tcp.localEndpoint)
    _ = try accept(from: tcp)
    close(client)
    let unix = try UnixListener(adopting: UnixListener(bindingTo: Unique.abstract()).release())
    let local = try UnixStream(connectingTo: unix.localEndpoint)
    _ = try accept(from: unix)
    close(local)
  }

  @Test("refuses a descriptor that is not a socket or not open, and leaves it alone")
  func adoptNonsense() throws {
    let file = try FileDescriptor.open(FilePath("/dev/null"), .readOnly)
    let identity = Files.identity(file)
    #expect(error { _ = try TCPStream(adopting: file) }?.code == .invalidArgument)
    #expect(Files.identity(file) == identity)
    #expect(!Files.isCloseOnExec(file))
    try file.close()
    #expect(error { _ = try UDPSocket(adopting: FileDescriptor(rawValue: -1)) }?.code == .badDescriptor)
  }

  @Test("can be the source of a registration, which gives it back")
  func registration() throws {
    let poller = try Poller()
    let pair = try UnixStream.pair()
    let ours = pair.first
    let registration = try Registration(pair.second, with: poller.registrar, for: .readable)
    _ = try ours.write([1])
    var events = EventBuffer(capacity: 4)
    try poller.wait(into: &events, timeout: .seconds(30))
    #expect(events.count == 1)
    #expect(try read(1, from: registration.source) == [1])
    let stream = registration.deregister()
    #expect(try stream.write([2]) == .bytes(1))
    #expect(try read(1, from: ours) == [2])
  }
}
