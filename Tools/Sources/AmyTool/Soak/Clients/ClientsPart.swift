internal import Amy
internal import AmySockets
internal import AmyThreads

/// Clients of all kinds against this process's server of each protocol, which compare every byte that comes back.
final class ClientsPart: SoakPart {
  let name = "clients"
  let workers: Workers
  private let servers: [WireProtocol: Server<TCPStream>]
  private let rows: [WireProtocol: Row]
  private let pollers: [Poller]
  private let made: [ClientPlan.Kind: Counter]
  private let checked = Counter("bytes")
  private let refused = Counter("refused for want of descriptors")
  /// The state of a client left at the end.
  private let left = Monitor<String?>(nil)
  private let throttled = Counter("put off for want of ports")

  init(_ workers: Workers, _ model: Model) throws {
    self.workers = workers
    made = Dictionary(uniqueKeysWithValues: ClientPlan.Kind.allCases.map { ($0, Counter($0.rawValue)) })
    var rng = SeededRNG(workers.seed, "rows")
    var rows: [WireProtocol: Row] = [:]
    var servers: [WireProtocol: Server<TCPStream>] = [:]
    for wire in WireProtocol.allCases {
      rows[wire] = Row(for: wire, &rng)
      servers[wire] = try Server(wire, model, at: .loopback(port: 0), threads: 2)
    }
    (self.rows, self.servers) = (rows, servers)
    pollers = [try Poller(), try Poller()]
  }

  var counters: [Counter] { ClientPlan.Kind.allCases.compactMap { made[$0] } + [checked, refused, throttled] }

  var connections: Int { servers.values.reduce(0) { $0 + $1.connections } }

  func start() throws {
    for (number, poller) in pollers.enumerated() {
      try workers.active.start("clients \(number + 1)") { (_) throws(PollerError) in
        var crowd = Crowd(self, poller, number)
        try crowd.run()
      }
    }
  }

  func inspect(at now: UInt64) {
    for (wire, server) in servers {
      server.unstick()
      if let failure = server.failure { violation("a thread of the server of \(wire) ended: \(failure)") }
    }
  }

  var isDone: Bool { !workers.active.isRunning && connections == 0 }

  var whereabouts: String {
    if !workers.active.isRunning { return "the servers have \(connections) connections, but there is no client" }
    return left.withLock { $0 } ?? "clients get no answer"
  }

  func close() {
    workers.active.join()
    for server in servers.values { server.close() }
    for poller in pollers { poller.close() }
  }

  func count(_ plan: ClientPlan) {
    made[plan.kind]?.add()
  }

  /// Begins to connect; nil means retry.
  func connect(_ plan: ClientPlan, _ registrar: Registrar, at now: UInt64) -> SoakClient? {
    guard let row = rows[plan.row], let server = servers[plan.wire] else { return nil }
    do throws(PollerError) {
      return try SoakClient(plan, row, to: server.endpoint, registrar, at: now)
    } catch {
      switch error.code {
      case .descriptorLimit: refused.add()
      case .addressNotAvailable, .addressInUse: throttled.add()
      default: violation("a client could not begin to connect: \(error)")
      }
      return nil
    }
  }

  func plan(_ rng: inout SeededRNG, _ kind: ClientPlan.Kind) -> ClientPlan {
    ClientPlan(&rng, kind, rows)
  }

  /// Returns whether the client goes on.
  func handle(_ event: Event, _ client: inout SoakClient, _ buffer: inout [UInt8], at now: UInt64) -> Bool {
    do throws(PollerError) {
      switch try client.handle(event, &buffer, isOver: workers.violations.isOver, at: now, checked) {
      case .goesOn: return true
      case .finished: break
      case .wrong(let how): violation("\(client.whereabouts): \(how)")
      }
    } catch {
      // The server cuts off garbage.
      let isDeserved = client.plan.kind == .garbage && [.connectionReset, .notConnected].contains(error.code)
      if !isDeserved { violation("\(client.whereabouts): \(error)") }
    }
    return false
  }

  func inspect(_ client: borrowing SoakClient, at now: UInt64) {
    if workers.violations.isOverdue(since: client.since, at: now) {
      violation("\(client.whereabouts): nothing happened for \((now - client.since) / 1_000_000) ms")
    }
    if workers.violations.isOver { left.withLock { $0 = client.whereabouts } }
  }
}
