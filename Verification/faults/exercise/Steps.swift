import Amy
import AmySockets
import Glibc

extension Parts {
  /// Calls something, and adds the step's name to its error.
  func step<Result: ~Copyable>(_ name: String, _ body: () throws(PollerError) -> Result) throws(Failure) -> Result {
    do throws(PollerError) {
      return try body()
    } catch {
      throw .told(step: name, error: error)
    }
  }

  func wait(_ name: String, _ poller: Poller, _ events: inout EventBuffer, _ timeout: Duration) throws(Failure) {
    do throws(PollerError) {
      try poller.wait(into: &events, timeout: timeout)
    } catch {
      throw .told(step: name, error: error)
    }
  }

  /// Waits, and compares; an empty list expects a wake.
  func expect(_ name: String, _ poller: Poller, _ expected: [Event]) throws(Failure) {
    var events = EventBuffer()
    let limit = Deadline.now + .seconds(10)
    try wait(name, poller, &events, .seconds(10))
    if Deadline.now >= limit { throw .wrong(step: name, what: "nothing came") }
    let seen = events.indices.map { events[$0] }
    if seen != expected { throw .wrong(step: name, what: "\(seen), and not \(expected)") }
  }

  struct Ends: ~Copyable {
    let near: UnixStream
    let far: UnixStream
  }

  func pair() throws(Failure) -> Ends {
    do throws(PollerError) {
      let pair = try UnixStream.pair()
      return Ends(near: pair.first, far: pair.second)
    } catch {
      throw .told(step: "make a pair", error: error)
    }
  }

  func send(_ stream: borrowing UnixStream) throws(Failure) {
    do throws(PollerError) {
      while case .wouldBlock = try stream.write([1]) {}
    } catch {
      throw .told(step: "write", error: error)
    }
  }

  func register(_ body: () throws(PollerError) -> SignalRegistration) throws(Failure) -> SignalRegistration {
    do throws(PollerError) {
      return try body()
    } catch {
      throw .told(step: "register signals", error: error)
    }
  }

  func watch(_ child: pid_t, _ poller: Poller) throws(Failure) -> ProcessRegistration {
    do throws(PollerError) {
      return try ProcessRegistration(of: child, with: poller.registrar)
    } catch {
      throw .told(step: "register a child", error: error)
    }
  }

  func listen() throws(Failure) -> TCPListener {
    do throws(PollerError) {
      return try TCPListener(bindingTo: .loopback(port: 0))
    } catch {
      throw .told(step: "listen", error: error)
    }
  }

  func connect(_ listener: borrowing TCPListener) throws(Failure) -> TCPStream {
    do throws(PollerError) {
      return try TCPStream(connectingTo: listener.localEndpoint)
    } catch {
      throw .told(step: "connect", error: error)
    }
  }
}
