internal import Amy
internal import AmySockets
internal import AmyThreads

/// The doctor's trials, each within a second.
struct Trials {
  static var backend: String {
    #if os(Linux) && !KqueueModel
    "epoll"
    #else
    "kqueue"
    #endif
  }

  static func run() -> [Finding] {
    [
      attempt("poller", "made and closed", makePoller),
      attempt("events", "once, edge and level, on a pair of sockets", triggers),
      attempt("wake", "from another thread", wake),
      attempt("close", "ends a wait in progress", close),
      attempt("nested poller", "reported by the outer poller", nest),
      attempt("TCP", "connected on 127.0.0.1", tcp),
      timeouts(),
      fork(),
    ]
  }

  private struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private static func attempt(_ name: String, _ success: String, _ trial: () throws -> Void) -> Finding {
    do {
      try trial()
      return Finding(name, success)
    } catch {
      return Finding(name, "\(error)", .bad, advice: "\(name) does not work here, nor does anything that needs it")
    }
  }

  private static func expect(_ isTrue: Bool, _ otherwise: String) throws(Failure) {
    if !isTrue { throw Failure(description: otherwise) }
  }

  private static func makePoller() throws {
    let poller = try Poller()
    poller.close()
  }

  private static func triggers() throws {
    let poller = try Poller()
    let pair = try UnixStream.pair()
    var events = EventBuffer()
    let id = try poller.registrar.register(pair.first, for: .readable, trigger: .once)
    _ = try pair.second.write([1])
    for trigger in Trigger.allCases {
      try poller.registrar.reregister(pair.first, as: id, for: .readable, trigger: trigger)
      try poller.wait(into: &events, timeout: .seconds(1))
      try expect(events.count == 1 && events[0].id == id, "no event with trigger \(trigger)")
      try poller.wait(into: &events, timeout: .zero)
      try expect(events.isEmpty == (trigger != .level), "the wrong number of events with trigger \(trigger)")
    }
  }

  private static func wake() throws {
    let poller = try Poller()
    let registrar = poller.registrar
    let thread = try SystemThread<Void, Never>(named: "doctor") { try? registrar.wake() }
    defer { thread.join() }
    var events = EventBuffer()
    let begin = MonotonicClock.now
    try poller.wait(into: &events, timeout: .seconds(1))
    try expect(MonotonicClock.now - begin < 1_000_000_000, "the wait went on")
  }

  private static func close() throws {
    let poller = try Poller()
    let thread = try SystemThread<Void, Never>(named: "doctor") { poller.close() }
    defer { thread.join() }
    var events = EventBuffer()
    do throws(PollerError) {
      try poller.wait(into: &events, timeout: .seconds(1))
    } catch {
      return try expect(error.code == .closed, error.description)
    }
    throw Failure(description: "the wait went on")
  }

  private static func nest() throws {
    let outer = try Poller()
    let inner = try Poller()
    let pair = try UnixStream.pair()
    let id = try outer.registrar.register(inner, for: .readable)
    _ = try inner.registrar.register(pair.first, for: .readable)
    _ = try pair.second.write([1])
    var events = EventBuffer()
    try outer.wait(into: &events, timeout: .seconds(1))
    try expect(events.count == 1 && events[0].id == id, "the outer poller has no event")
    try inner.wait(into: &events, timeout: .zero)
    try expect(events.count == 1, "the inner poller has no event")
  }

  private static func tcp() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let poller = try Poller()
    let id = try poller.registrar.register(listener, for: .readable)
    let client = try TCPStream(connectingTo: try listener.localEndpoint)
    var events = EventBuffer()
    try poller.wait(into: &events, timeout: .seconds(1))
    try expect(events.count == 1 && events[0].id == id, "no connection arrived")
    try expect(try client.connectResult() == .connected, "the connect did not end")
  }

  /// The shortest of ten short waits: milliseconds where the kernel has no finer call.
  private static func timeouts() -> Finding {
    let name = "timeouts"
    let asked: UInt64 = 100_000
    guard let poller = try? Poller() else { return Finding(name, "no poller", .bad) }
    var events = EventBuffer()
    var best = UInt64.max
    for _ in 0..<10 {
      let begin = MonotonicClock.now
      guard (try? poller.wait(into: &events, timeout: .nanoseconds(Int64(asked)))) != nil else {
        return Finding(name, "a wait failed", .bad)
      }
      best = min(best, MonotonicClock.now - begin)
    }
    let text = "asked for \(Format.nanoseconds(asked)), took \(Format.nanoseconds(best))"
    if best < asked { return Finding(name, text, .bad, advice: "waits end too early: report this, with the kernel's version") }
    if best > 900_000 {
      return Finding(
        name, text, .low, advice: "only whole milliseconds: epoll_pwait2 needs Linux 5.11, and the container must allow it")
    }
    return Finding(name, text)
  }

  private static func fork() -> Finding {
    guard let poller = try? Poller() else { return Finding("fork", "no poller", .bad) }
    let isNoticed = SystemProbe.childAnswers {
      do throws(PollerError) {
        try poller.wake()
      } catch {
        return error.code == .forked
      }
      return false
    }
    switch isNoticed {
    case true?: return Finding("fork", "detected in the child")
    case false?: return Finding("fork", "not detected in the child", .bad, advice: "use no poller in a forked child here")
    case nil: return Finding("fork", "the system forks no more", .low, advice: "too many processes: ulimit -u, pids.max")
    }
  }
}
