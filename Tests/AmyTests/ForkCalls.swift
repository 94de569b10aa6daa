import Amy
import AmySockets
import SystemPackage

/// Everything a program can have at a fork, with the only references to its objects.
final class Belongings {
  var poller: Poller?
  let registrar: Registrar
  let pair: SocketPair<UnixStream>
  var registration: Registration<UnixStream>?
  var spareRegistration: Registration<UnixStream>?
  var timer: ScheduledTimer
  var ownedTimer: TimerRegistration?
  var signals: SignalRegistration?
  var process: ProcessRegistration?
  var (sender, receiver): (Sender<Int>?, Receiver<Int>?)
  var (bounded, boundedReceiver): (BoundedSender<Int>?, Receiver<Int>?)
  var (loneSender, loneReceiver): (Sender<Int>?, Receiver<Int>?)
  var user: UserEvent?
  let child: Int32

  /// Takes the number of a child that stays alive.
  init(child: Int32) throws {
    self.child = child
    let poller = try Poller()
    self.poller = poller
    registrar = poller.registrar
    pair = try UnixStream.pair()
    registration = try Registration(try nearEnd(), with: registrar, for: .readable)
    spareRegistration = try Registration(try nearEnd(), with: registrar, for: .readable)
    timer = try registrar.scheduleTimer(after: .seconds(3600))
    ownedTimer = TimerRegistration(with: registrar)
    try ownedTimer?.schedule(after: .seconds(3600))
    signals = try SignalRegistration(.user2, with: registrar)
    process = try ProcessRegistration(of: child, with: registrar)
    (sender, receiver) = try registrar.makeChannel(of: Int.self)
    (bounded, boundedReceiver) = try registrar.makeChannel(of: Int.self, capacity: 1)
    (loneSender, loneReceiver) = try makeChannel(of: Int.self)
    user = try registrar.makeUserEvent()
    // Each holds something to take.
    _ = sender?.send(1)
    _ = bounded?.trySend(1)
    _ = loneSender?.send(1)
    try user?.trigger()
  }
}

/// A call in a forked child, and a check that it ends as documented.
struct ForkCall: Sendable {
  let name: String
  let isRight: @Sendable (Belongings) -> Bool

  init(_ name: String, _ isRight: @escaping @Sendable (Belongings) -> Bool) {
    self.name = name
    self.isRight = isRight
  }

  /// A call that throws ``PollerError/Code/forked``.
  static func refused(_ name: String, _ call: @escaping @Sendable (Belongings) throws(PollerError) -> Void) -> ForkCall {
    ForkCall(name) { belongings in
      do throws(PollerError) {
        try call(belongings)
        return false
      } catch {
        return error.code == .forked
      }
    }
  }

  /// Every public call on an object for several threads, and each object's end.
  static let all: [ForkCall] = poller + registrar + timers + owners + channels + fresh + ends

  private static let poller: [ForkCall] = [
    ForkCall("Poller.registrar") { $0.poller?.registrar.reserveID() != nil },
    ForkCall("Poller.fileDescriptor") { ($0.poller?.fileDescriptor.rawValue ?? -1) >= 0 },
    .refused("Poller.wait(into:timeout:)") { mine throws(PollerError) in
      var events = EventBuffer()
      try mine.poller?.wait(into: &events)
    },
    .refused("Poller.wait(into:timeout:)") { mine throws(PollerError) in
      var events = EventBuffer()
      try mine.poller?.wait(into: &events, timeout: .zero)
    },
    .refused("Poller.wait(into:timeout:spinning:)") { mine throws(PollerError) in
      var events = EventBuffer()
      try mine.poller?.wait(into: &events, spinning: .seconds(1))
    },
    .refused("Poller.wake()") { mine throws(PollerError) in try mine.poller?.wake() },
    .refused("Registrar.wake()") { mine throws(PollerError) in try mine.registrar.wake() },
  ]

  private static let registrar: [ForkCall] = [
    ForkCall("Registrar.reserveID()") { $0.registrar.reserveID() != $0.registrar.reserveID() },
    .refused("Registrar.register(_:as:for:trigger:)") { mine throws(PollerError) in
      try mine.registrar.register(mine.pair.first, as: mine.registrar.reserveID(), for: .readable)
    },
    .refused("Registrar.register(_:for:trigger:)") { mine throws(PollerError) in
      _ = try mine.registrar.register(mine.pair.first, for: .readable)
    },
    .refused("Registrar.registerShared(_:as:)") { mine throws(PollerError) in
      try mine.registrar.registerShared(mine.pair.first, as: mine.registrar.reserveID())
    },
    .refused("Registrar.reregister(_:as:for:trigger:)") { mine throws(PollerError) in
      try mine.registrar.reregister(mine.pair.first, as: mine.registrar.reserveID(), for: .readable, trigger: .once)
    },
    .refused("Registrar.deregister(_:)") { mine throws(PollerError) in try mine.registrar.deregister(mine.pair.first) },
    .refused("Registrar.makeChannel(of:as:)") { mine throws(PollerError) in
      _ = try mine.registrar.makeChannel(of: Int.self)
    },
    .refused("Registrar.makeChannel(of:capacity:as:)") { mine throws(PollerError) in
      _ = try mine.registrar.makeChannel(of: Int.self, capacity: 1)
    },
    .refused("Registrar.makeUserEvent(as:)") { mine throws(PollerError) in _ = try mine.registrar.makeUserEvent() },
  ]

  private static let timers: [ForkCall] = [
    .refused("Registrar.scheduleTimer(after:as:tolerance:)") { mine throws(PollerError) in
      _ = try mine.registrar.scheduleTimer(after: .seconds(1))
    },
    .refused("Registrar.scheduleTimer(at:as:tolerance:)") { mine throws(PollerError) in
      _ = try mine.registrar.scheduleTimer(at: .now)
    },
    .refused("Registrar.scheduleTimer(every:as:tolerance:)") { mine throws(PollerError) in
      _ = try mine.registrar.scheduleTimer(every: .seconds(1))
    },
    .refused("Registrar.reschedule(_:after:tolerance:)") { mine throws(PollerError) in
      try mine.registrar.reschedule(&mine.timer, after: .seconds(1))
    },
    .refused("Registrar.reschedule(_:at:tolerance:)") { mine throws(PollerError) in
      try mine.registrar.reschedule(&mine.timer, at: .now)
    },
    ForkCall("Registrar.cancel(_:)") { !$0.registrar.cancel($0.timer) },
    ForkCall("TimerRegistration.init(as:with:)") { mine in
      let timer = TimerRegistration(with: mine.registrar)
      return timer.id != mine.timer.id
    },
    .refused("TimerRegistration.schedule(after:tolerance:)") { mine throws(PollerError) in
      try mine.ownedTimer?.schedule(after: .seconds(1))
    },
    .refused("TimerRegistration.schedule(at:tolerance:)") { mine throws(PollerError) in
      try mine.ownedTimer?.schedule(at: .now)
    },
    .refused("TimerRegistration.schedule(every:tolerance:)") { mine throws(PollerError) in
      try mine.ownedTimer?.schedule(every: .seconds(1))
    },
    ForkCall("TimerRegistration.cancel()") { $0.ownedTimer?.cancel() == false },
  ]

  private static let owners: [ForkCall] = [
    .refused("Registration.init(_:as:with:for:trigger:)") { mine throws(PollerError) in
      _ = try Registration(try nearEnd(), with: mine.registrar, for: .readable)
    },
    ForkCall("Registration.id") { $0.registration?.id != nil },
    ForkCall("Registration.trigger") { $0.registration?.trigger == .once },
    .refused("Registration.arm(for:)") { mine throws(PollerError) in try mine.registration?.arm(for: .readable) },
    ForkCall("Registration.deregister()") { mine in
      guard let stream = mine.spareRegistration.take()?.deregister() else { return false }
      return stream.fileDescriptor.rawValue >= 0
    },
    .refused("SignalRegistration.init(_:as:with:)") { mine throws(PollerError) in
      _ = try SignalRegistration(.user2, with: mine.registrar)
    },
    ForkCall("SignalRegistration.id") { $0.signals?.id != nil },
    .refused("ProcessRegistration.init(of:as:with:)") { mine throws(PollerError) in
      _ = try ProcessRegistration(of: mine.child, with: mine.registrar)
    },
    ForkCall("ProcessRegistration.id") { $0.process?.id != nil },
    .refused("ProcessRegistration.status()") { mine throws(PollerError) in _ = try mine.process?.status() },
  ]

  private static let channels: [ForkCall] = [
    ForkCall("Receiver.tryReceive()") { $0.receiver?.tryReceive() == .empty },
    ForkCall("Receiver.receiveAll(_:)") { $0.receiver?.receiveAll { _ in } == true },
    ForkCall("Receiver.receive(timeout:spinning:)") { $0.receiver?.receive() == .empty },
    ForkCall("Receiver.receive(timeout:spinning:)") { $0.receiver?.receive(timeout: .seconds(600)) == .empty },
    ForkCall("Receiver.receive(timeout:spinning:)") { $0.receiver?.receive(spinning: .seconds(600)) == .empty },
    ForkCall("Receiver.receive(timeout:spinning:)") {
      $0.loneReceiver?.receive(timeout: .seconds(600), spinning: .seconds(1)) == .empty
    },
    ForkCall("Receiver.receive(timeout:spinning:)") { $0.boundedReceiver?.receive(timeout: .zero) == .empty },
    ForkCall("Sender.send(_:)") { $0.sender?.send(2) == 2 && $0.loneSender?.send(2) == 2 },
    ForkCall("BoundedSender.trySend(_:)") { $0.bounded?.trySend(2) == .disconnected(2) },
    ForkCall("BoundedSender.send(_:until:)") { $0.bounded?.send(2) == .disconnected(2) },
    ForkCall("UserEvent.id") { $0.user?.id != nil },
    .refused("UserEvent.trigger()") { mine throws(PollerError) in try mine.user?.trigger() },
  ]

  /// Calls that work: on new objects, or channels without a poller.
  private static let fresh: [ForkCall] = [
    ForkCall("Poller.init(isEmbedded:)") { mine in
      guard let poller = try? Poller(), let id = try? poller.registrar.register(mine.pair.first, for: .writable) else {
        return false
      }
      var events = EventBuffer()
      return (try? poller.wait(into: &events)) != nil && events.count == 1 && events[0].id == id
    },
    ForkCall("makeChannel(of:)") { _ in
      guard let (sender, receiver) = try? makeChannel(of: Int.self) else { return false }
      return sender.send(7) == nil && receiver.receive() == .message(7)
    },
    ForkCall("makeChannel(of:capacity:)") { _ in
      guard let (sender, receiver) = try? makeChannel(of: Int.self, capacity: 1) else { return false }
      return sender.trySend(7) == .sent && receiver.receive(timeout: .seconds(1)) == .message(7)
    },
  ]

  private static let ends: [ForkCall] = [
    ForkCall("the end of a registration") { mine in
      mine.registration = nil
      return true
    },
    ForkCall("the end of a timer") { mine in
      mine.ownedTimer = nil
      return true
    },
    ForkCall("the end of signals") { mine in
      mine.signals = nil
      return true
    },
    ForkCall("the end of a process") { mine in
      mine.process = nil
      return true
    },
    ForkCall("the end of a sender") { mine in
      mine.sender = nil
      mine.loneSender = nil
      return true
    },
    ForkCall("the end of a bounded sender") { mine in
      mine.bounded = nil
      return true
    },
    ForkCall("the end of a receiver") { mine in
      mine.receiver = nil
      mine.boundedReceiver = nil
      mine.loneReceiver = nil
      return true
    },
    ForkCall("the end of a user event") { mine in
      mine.user = nil
      return true
    },
    ForkCall("Poller.close()") { mine in (mine.poller?.close()) != nil },
    ForkCall("the end of a poller") { mine in
      mine.poller = nil
      return true
    },
  ]
}

func nearEnd() throws(PollerError) -> UnixStream {
  let pair = try UnixStream.pair()
  return pair.first
}
