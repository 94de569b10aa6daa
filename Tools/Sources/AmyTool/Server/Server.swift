internal import Amy
internal import AmySockets
internal import AmyThreads

/// A running server and its overseer.
final class Server<Stream: EchoStream & ~Copyable>: Sendable {
  let model: Model
  let endpoint: Endpoint
  private let pollers: [Poller]
  private let acceptors: [Acceptor<Stream>]
  private let crew = ThreadGroup()

  /// Starts a server.
  ///
  /// - Parameters:
  ///   - model: The threading model.
  ///   - endpoint: The address; with port 0 the kernel chooses one.
  ///   - threads: The serving threads. Model `handover` has one more, which polls.
  ///
  /// - Throws: ``PollerError`` if it cannot listen, and ``SystemThreadError`` if there are too many threads.
  convenience init(_ model: Model, at endpoint: Endpoint, threads: Int) throws {
    try self.init(.echo, model, at: endpoint, threads: threads)
  }

  /// Starts a server for a protocol; closes clients that idle for `idle`.
  convenience init(
    _ wire: WireProtocol, _ model: Model, at endpoint: Endpoint, threads: Int, idle: Duration = WireProtocol.idle
  ) throws {
    switch wire {
    case .echo: try self.init(echoing: Echo.self, model, at: endpoint, threads: threads, idle)
    case .lines: try self.init(echoing: ItemEcho<AnsweringLines>.self, model, at: endpoint, threads: threads, idle)
    case .frames: try self.init(echoing: ItemEcho<AnsweringFrames>.self, model, at: endpoint, threads: threads, idle)
    }
  }

  private init<Answer: Service & ~Copyable>(
    echoing _: Answer.Type, _ model: Model, at endpoint: Endpoint, threads: Int, _ idle: Duration
  ) throws {
    self.model = model
    let listener = try Stream.listen(at: endpoint, sharingPort: model == .sharded)
    self.endpoint = try listener.localEndpoint
    switch model {
    case .handover:
      let server = try HandoverServer<Stream, Answer>(listener, workers: threads, idle: idle)
      (pollers, acceptors) = ([server.poller], [server.acceptor])
      try start("poller") { (board) throws(PollerError) in try server.poll(board) }
      for worker in 0..<threads {
        try start("worker \(worker + 1)") { (board) throws(PollerError) in server.work(worker, board) }
      }
    case .shared:
      let server = try SharedServer<Stream, Answer>(listener, idle: idle)
      (pollers, acceptors) = ([server.poller], [server.acceptor])
      for number in 1...threads {
        try start("server \(number)") { (board) throws(PollerError) in try server.work(board) }
      }
    case .sharded:
      var shards = [try Shard<Stream, Answer>(listener, idle: idle)]
      for _ in 1..<threads {
        let sibling = try Stream.listen(at: self.endpoint, sharingPort: true)
        shards.append(try Shard<Stream, Answer>(sibling, idle: idle))
      }
      (pollers, acceptors) = (shards.map(\.poller), shards.map(\.acceptor))
      for (number, shard) in shards.enumerated() {
        try start("shard \(number + 1)") { (board) throws(PollerError) in try shard.work(board) }
      }
    }
  }

  private func start(
    _ role: String, _ body: @escaping @Sendable (Board) throws(PollerError) -> Void
  ) throws(SystemThreadError) {
    do {
      try crew.start(role, body)
    } catch {
      close()
      throw error
    }
  }

  var reports: [ThreadReport] { crew.reports }

  /// The first early end's error.
  var failure: PollerError? { crew.failure }

  var connections: Int {
    let reports = reports
    return reports.total(\.opened) - reports.total(\.closed)
  }

  /// Accepts connections that wait for a descriptor.
  func unstick() {
    for acceptor in acceptors { acceptor.unstick() }
  }

  /// Stops accepting; clients are still served.
  func stopListening() {
    for acceptor in acceptors { acceptor.close() }
  }

  /// Ends all threads and connections.
  func close() {
    for poller in pollers { poller.close() }
    crew.join()
  }
}
