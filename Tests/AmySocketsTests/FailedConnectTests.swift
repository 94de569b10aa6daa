import Amy
import AmySockets
import SystemPackage
import Testing

/// The file of a Unix socket is removed if making it fails.
@Suite("A Unix socket that cannot be made")
struct FailedConnectTests {
  @Test("leaves no file, so that it can be retried")
  func leavesNoFile() throws {
    let (server, client) = (Unique.path(), Unique.path())
    defer { Files.remove(server) }
    let (endpoint, local) = (try Endpoint.unix(path: server), try Endpoint.unix(path: client))
    for _ in 0..<3 {
      #expect(error { _ = try UnixStream(connectingTo: endpoint, from: local) }?.code == .addressNotAvailable)
      #expect(!Files.exists(client))
    }
    // An existing socket's file stays.
    let owner = try UnixListener(bindingTo: local)
    defer { Files.remove(client) }
    #expect(error { _ = try UnixStream(connectingTo: endpoint, from: local) }?.code == .addressInUse)
    #expect(Files.exists(client))
    #expect(try owner.localEndpoint == local)
  }

  @Test("leaves no file with a full backlog either, and connects once there is room")
  func retry() throws {
    let (server, client) = (Unique.path(), Unique.path())
    defer {
      Files.remove(server)
      Files.remove(client)
    }
    let local = try Endpoint.unix(path: client)
    let listener = try UnixListener(bindingTo: .unix(path: server), backlog: 0)
    let first = try UnixStream(connectingTo: listener.localEndpoint)
    let failure = error { _ = try UnixStream(connectingTo: listener.localEndpoint, from: local) }
    #expect(failure?.code == .backlogFull)
    #expect(!Files.exists(client))
    close(try accept(from: listener))
    // As the error's message advises.
    let second = try UnixStream(connectingTo: listener.localEndpoint, from: local)
    #expect(try second.localEndpoint == local)
    close(first)
  }
}
