import Amy
import AmySockets
import Glibc

/// The parts of the exercise: each wait has ten seconds, which a lost event exceeds.
struct Parts {
  func all() throws(Failure) {
    try descriptors()
    try timersInCompany()
    try messages()
    try signalsAndProcesses()
    try sockets()
  }

  private func descriptors() throws(Failure) {
    let poller = try step("make a poller") { () throws(PollerError) in try Poller() }
    let ends = try pair()
    let id = try step("register") { () throws(PollerError) in try poller.registrar.register(ends.near, for: .readable) }
    try send(ends.far)
    try expect("wait for a descriptor", poller, [Event(id: id, kind: .ready(.readable))])
    try step("reregister") { () throws(PollerError) in
      try poller.registrar.reregister(ends.near, as: id, for: [.readable, .writable], trigger: .once)
    }
    try expect("wait again", poller, [Event(id: id, kind: .ready([.readable, .writable]))])
    try step("deregister") { () throws(PollerError) in try poller.registrar.deregister(ends.near) }
    try step("wake") { () throws(PollerError) in try poller.wake() }
    try expect("wait for the wake", poller, [])
    var events = EventBuffer()
    let start = Deadline.now
    try wait("wait for a time", poller, &events, .milliseconds(2))
    if Deadline.now < start + .milliseconds(2) { throw .wrong(step: "wait for a time", what: "it was early") }
  }

  /// Timers with two sleepers, which need the kernel's alarm.
  private func timersInCompany() throws(Failure) {
    let poller = try step("make a poller") { () throws(PollerError) in try Poller(isEmbedded: true) }
    for _ in 0..<3 {
      let start = Deadline.now
      let timer = try step("set a timer") { () throws(PollerError) in
        try poller.registrar.scheduleTimer(after: .milliseconds(1))
      }
      try expect("wait for a timer", poller, [Event(id: timer.id, kind: .timer(expirations: 1))])
      if Deadline.now < start + .milliseconds(1) { throw .wrong(step: "wait for a timer", what: "it was early") }
    }
  }

  private func messages() throws(Failure) {
    let poller = try step("make a poller") { () throws(PollerError) in try Poller(isEmbedded: true) }
    let channel = try step("make a channel") { () throws(PollerError) in try poller.registrar.makeChannel(of: Int.self) }
    let event = try step("make a user event") { () throws(PollerError) in try poller.registrar.makeUserEvent() }
    for number in 0..<3 {
      if channel.sender.send(number) != nil { throw .wrong(step: "send", what: "it came back") }
      try expect("wait for a message", poller, [Event(id: channel.receiver.id, kind: .message)])
      var received: [Int] = []
      channel.receiver.receiveAll { received.append($0) }
      if received != [number] { throw .wrong(step: "receive", what: "\(received)") }
      try step("trigger a user event") { () throws(PollerError) in try event.trigger() }
      try expect("wait for a user event", poller, [Event(id: event.id, kind: .user)])
    }
  }

  private func signalsAndProcesses() throws(Failure) {
    let poller = try step("make a poller") { () throws(PollerError) in try Poller() }
    do {
      let signals = try register { () throws(PollerError) in try SignalRegistration(.user1, with: poller.registrar) }
      raise(SIGUSR1)
      try expect("wait for a signal", poller, [Event(id: signals.id, kind: .signal(number: SIGUSR1))])
    }
    var child: pid_t = 0
    let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/true"), nil]
    guard posix_spawn(&child, "/bin/true", nil, nil, arguments, environ) == 0 else {
      throw .wrong(step: "start a child", what: "errno \(errno)")
    }
    defer { waitpid(child, nil, 0) }
    let process = try watch(child, poller)
    try expect("wait for a child", poller, [Event(id: process.id, kind: .process)])
    let status = try step("ask for the status") { () throws(PollerError) in try process.status() }
    if status != .exited(code: 0) { throw .wrong(step: "ask for the status", what: "\(String(describing: status))") }
  }

  private func sockets() throws(Failure) {
    let poller = try step("make a poller") { () throws(PollerError) in try Poller() }
    let listener = try listen()
    let door = try step("register") { () throws(PollerError) in
      try poller.registrar.register(listener, for: .readable, trigger: .level)
    }
    let client = try connect(listener)
    var accepted = 0
    // Level-triggered: a failed accept is reported again.
    for _ in 0..<3 where accepted == 0 {
      try expect("wait for a connection", poller, [Event(id: door, kind: .ready(.readable))])
      try step("accept") { () throws(PollerError) in
        try listener.acceptAll { (stream, _) throws(PollerError) in
          accepted += 1
          while case .wouldBlock = try stream.write([1, 2, 3]) {}
        }
      }
    }
    if accepted != 1 { throw .wrong(step: "accept", what: "\(accepted) connections") }
    try step("deregister") { () throws(PollerError) in try poller.registrar.deregister(listener) }
    let id = try step("register") { () throws(PollerError) in try poller.registrar.register(client, for: .readable) }
    try expect("wait for bytes", poller, [Event(id: id, kind: .ready([.readable, .readClosed]))])
    var bytes: [UInt8] = []
    try step("read") { () throws(PollerError) in
      while case .wouldBlock = try client.read(appendingTo: &bytes, atMost: 16) {}
    }
    if bytes != [1, 2, 3] { throw .wrong(step: "read", what: "\(bytes)") }
  }
}
