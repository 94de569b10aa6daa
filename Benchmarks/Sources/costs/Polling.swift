import Amy
import AmySockets
import Glibc

func pollers() throws {
  begin("make a poller", calls: 3, allocations: nil)
  let poller = try Poller()
  end()
  begin("poller.registrar", calls: 0)
  let registrar = poller.registrar
  end()
  begin("reserve an id", calls: 0)
  let id = registrar.reserveID()
  end()
  _ = id
  var events = EventBuffer()
  begin("wait that finds nothing", calls: 1)
  try poller.wait(into: &events, timeout: .zero)
  end()
  begin("wake", calls: 1)
  try poller.wake()
  end()
  begin("wait that a wake ends", calls: 1)
  try poller.wait(into: &events)
  end()
  begin("close a poller", calls: 2)
  poller.close()
  end()
  try goes()
}

private func goes() throws {
  let kept = Box()
  kept.poller = try Poller()
  kept.poller?.close()
  begin("let a poller go that is closed", calls: 2)
  kept.poller = nil
  end()
}

private final class Box {
  var poller: Poller?
}

func registrations() throws {
  let poller = try Poller()
  let registrar = poller.registrar
  let pair = try UnixStream.pair()
  let socket = pair.first
  let id = registrar.reserveID()
  begin("register", calls: 1)
  try registrar.register(socket, as: id, for: .readable)
  end()
  begin("reregister", calls: 1)
  try registrar.reregister(socket, as: id, for: .readable, trigger: .once)
  end()
  begin("deregister", calls: 1)
  try registrar.deregister(socket)
  end()
  let shared = registrar.reserveID()
  begin("register as shared", calls: 1)
  try registrar.registerShared(socket, as: shared)
  end()
  try registrar.deregister(socket)
  begin("call something with signals unblocked", calls: 2)
  Signals.user2.withUnblocked {}
  end()
  begin("make a registration", calls: 1, allocations: nil)
  let registration = try Registration(socket, with: registrar, for: .readable)
  end()
  begin("arm a registration", calls: 1)
  try registration.arm(for: .writable)
  end()
  begin("deregister a registration", calls: 1)
  let back = registration.deregister()
  end()
  _ = back.release()
}

func timers() throws {
  let poller = try Poller()
  let registrar = poller.registrar
  var events = EventBuffer()
  let far = try registrar.scheduleTimer(after: .seconds(3600))
  // Makes memory for one more.
  registrar.cancel(try registrar.scheduleTimer(after: .seconds(3600)))
  begin("set a timer, the earliest, while no thread sleeps", calls: 0)
  let timer = try registrar.scheduleTimer(after: .seconds(10))
  end()
  begin("set a timer, not the earliest", calls: 0)
  var late = try registrar.scheduleTimer(after: .seconds(20))
  end()
  begin("move a timer", calls: 0)
  _ = try registrar.reschedule(&late, after: .seconds(30))
  end()
  begin("cancel a timer", calls: 0)
  registrar.cancel(late)
  end()
  begin("cancel a timer again", calls: 0)
  registrar.cancel(late)
  end()
  registrar.cancel(timer)
  begin("wait that finds nothing, with a timer pending", calls: 1)
  try poller.wait(into: &events, timeout: .zero)
  end()
  begin("read the clock", calls: 0)
  let now = Deadline.now
  end()
  _ = now
  registrar.cancel(far)
}

func messages() throws {
  let poller = try Poller()
  var events = EventBuffer()
  begin("make a channel", calls: 0, allocations: nil)
  let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
  end()
  begin("make a channel of no poller", calls: 0, allocations: nil)
  let (worker, inbox) = try makeChannel(of: Int.self)
  end()
  let (bounded, limited) = try poller.registrar.makeChannel(of: Int.self, capacity: 4)
  begin("make a user event", calls: 0, allocations: nil)
  let news = try poller.registrar.makeUserEvent()
  end()
  for _ in 0..<2 {
    _ = sender.send(1)
    _ = worker.send(1)
    _ = bounded.trySend(1)
    _ = receiver.tryReceive()
    _ = inbox.tryReceive()
    _ = limited.tryReceive()
    try news.trigger()
    try poller.wait(into: &events, timeout: .zero)
  }
  begin("send while no thread sleeps", calls: 0)
  _ = sender.send(1)
  end()
  begin("send again while no thread sleeps", calls: 0)
  _ = sender.send(2)
  end()
  begin("send to a bounded channel while no thread sleeps", calls: 0)
  _ = bounded.trySend(1)
  end()
  begin("trigger a user event while no thread sleeps", calls: 0)
  try news.trigger()
  end()
  begin("tryReceive that leaves something", calls: 0)
  _ = receiver.tryReceive()
  end()
  begin("tryReceive", calls: 0)
  _ = receiver.tryReceive()
  end()
  begin("tryReceive of an empty channel", calls: 0)
  _ = receiver.tryReceive()
  end()
  _ = sender.send(1)
  begin("receiveAll", calls: 0)
  receiver.receiveAll { _ in }
  end()
  _ = worker.send(1)
  begin("receive what is there, without a poller", calls: 0)
  _ = inbox.receive()
  end()
}

func processes() throws {
  let poller = try Poller()
  var child: pid_t = 0
  let path = strdup("/bin/true")
  var arguments: [UnsafeMutablePointer<CChar>?] = [path, nil]
  guard posix_spawn(&child, "/bin/true", nil, nil, &arguments, environ) == 0 else { return }
  free(path)
  do {
    let registration = try ProcessRegistration(of: child, with: poller.registrar)
    begin("status of a process", calls: 1)
    _ = try registration.status()
    end()
  }
  var status: CInt = 0
  waitpid(child, &status, 0)
}

func tables() throws {
  let poller = try Poller()
  var table = EventTable<Int>(minimumCapacity: 8)
  let ids = (0..<4).map { _ in poller.registrar.reserveID() }
  begin("insert into an event table that has room", calls: 0)
  for id in ids { table.insert(1, for: id) }
  end()
  begin("look up in an event table", calls: 0)
  for id in ids { _ = table[id] }
  end()
  begin("remove from an event table", calls: 0)
  for id in ids { table.removeValue(for: id) }
  end()
  begin("make an event buffer", calls: 0, allocations: 1)
  let events = EventBuffer()
  end()
  _ = events.capacity
}
