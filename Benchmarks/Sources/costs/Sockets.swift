import Amy
import AmySockets
import Glibc
import SystemPackage

func tcp() throws {
  let listener = try TCPListener(bindingTo: .loopback(port: 0))
  begin("local endpoint", calls: 1)
  let endpoint = try listener.localEndpoint
  end()
  let client = try TCPStream(connectingTo: endpoint)
  begin("accept", calls: 1)
  let accepted = try listener.accept()
  end()
  guard case .accepted(let server, _) = accepted else { return }
  let others = [try TCPStream(connectingTo: endpoint).release(), try TCPStream(connectingTo: endpoint).release()]
  begin("accept all of two", calls: 5, allocations: nil)  // of these, two close
  _ = try listener.acceptAll { (_, _) in }
  end()
  for other in others { try other.close() }
  begin("outcome of a connect", calls: 4, allocations: nil)
  _ = try client.connectResult()
  end()
  begin("peer endpoint", calls: 1)
  _ = try client.peerEndpoint
  end()
  begin("pending error", calls: 1)
  _ = try server.pendingError()
  end()
  begin("send buffer size", calls: 1)
  _ = try server.sendBufferSize
  end()
  begin("set the send buffer size", calls: 1)
  try server.setSendBufferSize(65_536)
  end()
  begin("set the linger", calls: 1)
  try server.setLinger(.seconds(1))
  end()
  begin("set no delay", calls: 1)
  try server.setNoDelay(true)
  end()
  begin("set the user timeout", calls: 1)
  try server.setUserTimeout(.seconds(30))
  end()
  begin("user timeout", calls: 1)
  _ = try server.userTimeout
  end()
  begin("set the time to live of a stream", calls: 2)
  try server.setTimeToLive(64)
  end()
  begin("set keep-alive", calls: 4)
  try server.setKeepAlive(KeepAlive(idle: .seconds(60), interval: .seconds(10), count: 3))
  end()
  begin("keep-alive", calls: 4)
  _ = try server.keepAlive
  end()
  begin("shut down", calls: 1)
  try server.shutdown(.writing)
  end()
  begin("release a socket", calls: 0)
  let number = client.release()
  end()
  begin("own a descriptor", calls: 0)
  let owned = OwnedSocket(owning: number)
  end()
  begin("take over a stream as it is", calls: 0)
  let again = TCPStream(owned)
  end()
  _ = try again.peerEndpoint
}

func unix() throws {
  begin("make a pair", calls: 1, allocations: nil)
  let pair = try UnixStream.pair()
  end()
  let writer = pair.first
  let reader = pair.second
  begin("peer credentials", calls: 1, allocations: nil)
  _ = try writer.peerCredentials
  end()
  let bytes: [UInt8] = Array(repeating: 7, count: 100)
  var room = [UInt8]()
  room.reserveCapacity(4096)
  begin("write", calls: 1)
  _ = try writer.write(bytes)
  end()
  begin("read into room that is there", calls: 1)
  _ = try reader.read(appendingTo: &room, atMost: 1024)
  end()
  _ = try writer.write(bytes)
  begin("read over a buffer", calls: 1)
  var span = room.mutableSpan
  _ = try reader.read(over: &span)
  end()
  begin("read that would block", calls: 1)
  _ = try reader.read(appendingTo: &room, atMost: 1024)
  end()
  begin("write two spans", calls: 1)
  _ = try writer.write(bytes.span, then: bytes.span)
  end()
  let segments = [bytes, bytes, bytes]
  begin("write segments", calls: 1)
  _ = try writer.write(segments: segments, skipping: 10)
  end()
  begin("write no segments", calls: 0)
  _ = try writer.write(segments: segments, skipping: 300)
  end()
  begin("write nothing", calls: 0)
  _ = try writer.write([])
  end()
  begin("read without room", calls: 0)
  _ = try reader.read(appendingTo: &room, atMost: 0)
  end()
  var none = [UInt8]()
  begin("read over an empty span", calls: 0)
  var empty = none.mutableSpan
  _ = try reader.read(over: &empty)
  end()
}

func datagrams() throws {
  let socket = try UDPSocket(bindingTo: .loopback(port: 0))
  let endpoint = try socket.localEndpoint
  let bytes: [UInt8] = Array(repeating: 7, count: 100)
  var room = [UInt8]()
  room.reserveCapacity(4096)
  begin("send a datagram", calls: 1)
  _ = try socket.send(bytes, to: endpoint)
  end()
  begin("receive a datagram", calls: 1)
  _ = try socket.receive(appendingTo: &room, atMost: 1024)
  end()
  begin("receive that would block", calls: 1)
  _ = try socket.receive(appendingTo: &room, atMost: 1024)
  end()
  begin("set broadcasts", calls: 1)
  try socket.setBroadcasts(true)
  end()
  begin("set the time to live of datagrams", calls: 2)
  try socket.setTimeToLive(64)
  end()
  begin("set the multicast time to live", calls: 2)
  try socket.setMulticastTimeToLive(1)
  end()
  begin("set whether multicast loops", calls: 2)
  try socket.setMulticastLoops(true)
  end()
  // Without a route for multicast, the call is made all the same.
  let group = Endpoint.ipv4(224, 0, 0, 251, port: 0)
  begin("join a group", calls: 1, allocations: nil)
  try? socket.join(group)
  end()
  begin("leave a group", calls: 1, allocations: nil)
  try? socket.leave(group)
  end()
  try socket.connect(to: endpoint)
  begin("peer endpoint of a datagram socket", calls: 1)
  _ = try socket.peerEndpoint
  end()
  begin("send a datagram to the peer", calls: 1)
  _ = try socket.send(bytes)
  end()
}

/// Adopts a socket of each kind made elsewhere.
func adoptions() throws {
  let tcp = try TCPListener(bindingTo: .loopback(port: 0))
  let stream = try TCPStream(connectingTo: tcp.localEndpoint).release()
  begin("adopt a TCP stream", calls: 6, allocations: nil)
  let first = try TCPStream(adopting: stream)
  end()
  let door = tcp.release()
  begin("adopt a TCP listener", calls: 6, allocations: nil)
  let second = try TCPListener(adopting: door)
  end()
  let socket = try UDPSocket(bindingTo: .loopback(port: 0)).release()
  begin("adopt a UDP socket", calls: 6, allocations: nil)
  let third = try UDPSocket(adopting: socket)
  end()
  let pair = try UnixStream.pair()
  let unix = pair.first
  let half = unix.release()
  begin("adopt a Unix stream", calls: 6, allocations: nil)
  let fourth = try UnixStream(adopting: half)
  end()
  let listener = try UnixListener(bindingTo: .abstract("amy-costs-\(getpid())")).release()
  begin("adopt a Unix listener", calls: 6, allocations: nil)
  let fifth = try UnixListener(adopting: listener)
  end()
  let others = try UnixDatagramSocket.pair()
  let datagram = others.first
  let datagrams = datagram.release()
  begin("adopt a Unix datagram socket", calls: 6, allocations: nil)
  let sixth = try UnixDatagramSocket(adopting: datagrams)
  end()
  for descriptor in [first.release(), second.release(), third.release(), fourth.release(), fifth.release(), sixth.release()] {
    try descriptor.close()
  }
}

func endpoints() throws {
  begin("make an endpoint", calls: 0)
  let endpoint = Endpoint.ipv4(127, 0, 0, 1, port: 80)
  end()
  begin("make a v6 endpoint", calls: 0)
  let other = Endpoint.loopbackV6(port: 80)
  end()
  _ = (endpoint, other)
}
