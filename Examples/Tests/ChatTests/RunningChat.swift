import Amy
import AmySockets
import AmyStreams
import AmyThreads
import Foundation
import Synchronization

@testable import Chat

/// The chat on a thread of this process, until a signal ends it.
final class RunningChat {
  let endpoint: Endpoint
  private let thread: SystemThread<Void, PollerError>

  /// Starts the chat at a Unix socket, where the kernel's buffer for a slow reader does not grow, or at a TCP port.
  init(overTCP: Bool = false, _ limits: ChatLimits = ChatLimits()) throws {
    if overTCP {
      (endpoint, thread) = try Self.start(TCPListener(bindingTo: .loopback(port: 0)), limits)
    } else {
      let path = FileManager.default.temporaryDirectory.appending(path: "amy-\(UUID().uuidString.prefix(8))").path
      (endpoint, thread) = try Self.start(UnixListener(bindingTo: .unix(path: path)), limits)
    }
  }

  private static func start<Stream>(
    _ listener: consuming ListeningSocket<Stream>, _ limits: ChatLimits
  ) throws -> (Endpoint, SystemThread<Void, PollerError>) where Stream: ByteStream & StreamSocket & ~Copyable {
    let endpoint = try listener.localEndpoint
    let moved = Moved(listener)
    let thread = try SystemThread<Void, PollerError>(named: "chat") { () throws(PollerError) in
      if let listener = moved.take() { try Chat.serve(listener, limits) }
    }
    return (endpoint, thread)
  }

  /// Ends the chat with a signal, and waits until all guests have gone.
  func end() throws {
    kill(getpid(), SIGTERM)
    try join()
  }

  /// Waits for the end of the chat.
  func join() throws {
    try thread.join()
    if let path = endpoint.path { try? FileManager.default.removeItem(atPath: path) }
  }

  /// The resident memory of this process in bytes.
  static var memory: Int {
    let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    return status?.firstMatch(of: /VmRSS:\s*(\d+) kB/).flatMap { Int($0.1) }.map { $0 << 10 } ?? 0
  }
}

/// Carries a listener to a thread.
private final class Moved<Value: ~Copyable & Sendable>: Sendable {
  private let value: Mutex<Value?>

  init(_ value: consuming Value) { self.value = Mutex(value) }

  func take() -> Value? { value.withLock { $0.take() } }
}
