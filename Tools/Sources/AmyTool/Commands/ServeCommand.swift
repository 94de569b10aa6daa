internal import Amy
internal import AmySockets
internal import AmyThreads
internal import ArgumentParser
internal import Logging

/// The server, until a signal ends it.
struct ServeCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve echoes, lines or frames until SIGINT or SIGTERM, then let clients finish, and report.",
    discussion: """
      Logs go to standard error, the report goes to standard output. The first signal stops the server from accepting clients, \
      and gives connected ones some time to finish; a second one ends it at once.

      \(ToolError.statusHelp)
      """)

  @Option(help: ArgumentHelp("The TCP address to listen on; port 0 picks a free one.", valueName: "host:port"))
  var listen: String?

  @Option(help: ArgumentHelp("The path of a Unix socket to listen on, instead of TCP.", valueName: "path"))
  var unix: String?

  @Option(help: "How long connected clients may take to finish, in seconds.")
  var drain = 0.8

  @Option(
    name: .customLong("protocol"),
    help: "echo: bytes come back. lines, frames: they come back one by one, at most 1 MiB each.")
  var wire = WireProtocol.echo

  @Option(
    help: """
      handover (the default): one thread polls and hands events to workers, which own the sockets. shared: all threads wait on \
      one poller. sharded: each thread has a poller and a listener of its own.
      """)
  var model = Model.handover

  @Option(help: "Threads that serve; model handover has one more, which polls.")
  var threads = 2

  @Option(help: "Idle timeout of a client, in seconds; it may last up to twice as long.")
  var idle = Double(WireProtocol.idle.components.seconds)

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (0.001...86_400).contains(idle) else { throw ValidationError("--idle takes 0.001 to 86400") }
    guard (1...64).contains(threads) else { throw ValidationError("--threads takes 1 to 64") }
    guard (0...3_600).contains(drain) else { throw ValidationError("--drain takes 0 to 3600") }
    guard (listen == nil) != (unix == nil) else {
      throw ValidationError("say where to listen: --listen 127.0.0.1:7000, or --unix /run/echo.sock")
    }
    if model == .sharded, unix != nil || listen?.hasPrefix("unix:") == true {
      throw ValidationError("--model sharded needs TCP: Unix sockets have no port to share")
    }
  }

  func execute() throws {
    if let listen {
      let endpoint = try Address.resolve(listen, option: "--listen")
      if endpoint.family == .unix { try serveUnix(endpoint) } else { try serve(TCPStream.self, at: endpoint) }
    } else if let unix {
      guard let endpoint = try? Endpoint.unix(path: unix) else {
        throw ToolError("--unix takes a path of 1 to 107 bytes: change to its folder and use a relative path", .usage)
      }
      try serveUnix(endpoint)
    }
  }

  private func serveUnix(_ endpoint: Endpoint) throws(ToolError) {
    guard let path = endpoint.path else { return try serve(UnixStream.self, at: endpoint) }
    let file = SocketFile(path: path)
    try file.makeWay(for: endpoint)
    defer { file.remove() }
    try serve(UnixStream.self, at: endpoint)
  }

  private func serve<Stream: EchoStream & ~Copyable>(_: Stream.Type, at endpoint: Endpoint) throws(ToolError) {
    // First: all threads inherit the mask, so that no signal ends one.
    var signals = try SignalWatch.blocking([.interrupt, .terminate])
    let log = Logger(label: "amy") { StreamLogHandler.standardError(label: $0) }
    let limit = DescriptorLimit.raised()
    let server: Server<Stream>
    do {
      server = try Server(wire, model, at: endpoint, threads: threads, idle: .seconds(idle))
    } catch {
      throw ToolError(error, doing: "listen on \(endpoint)")
    }
    log.info(
      "listening on \(server.endpoint)",
      metadata: [
        "protocol": "\(wire)", "model": "\(server.model)", "threads": "\(server.reports.count)",
        "descriptors": "\(limit.soft)",
      ])
    oversee(server, &signals, log)
    finish(server, &signals, log)
    report(server)
    if let failure = server.failure { throw ToolError("a thread of the server ended early: \(failure)", .failed) }
  }

  /// Waits for a signal, and retries blocked accepts.
  private func oversee<Stream: ~Copyable>(_ server: Server<Stream>, _ signals: inout SignalWatch, _ log: Logger) {
    var logged = 0
    var next = MonotonicClock.now + 10_000_000_000
    while server.failure == nil {
      if let signal = signals.wait(timeout: .milliseconds(250)) {
        log.info("\(signal): ending")
        return
      }
      server.unstick()
      let requests = server.reports.total(\.requests)
      if MonotonicClock.now >= next, requests != logged {
        log.info("serving", metadata: ["connections": "\(server.connections)", "requests": "\(requests)"])
        logged = requests
        next = MonotonicClock.now + 10_000_000_000
      }
    }
  }

  /// Stops accepting, and waits within limits for clients to leave.
  private func finish<Stream: ~Copyable>(_ server: Server<Stream>, _ signals: inout SignalWatch, _ log: Logger) {
    server.stopListening()
    let limit = MonotonicClock.now + Duration.seconds(drain).wholeNanoseconds
    if server.connections > 0 {
      log.info(
        "draining \(Format.counted(server.connections, "connection")), for \(drain) s at most; signal again to end at once")
    }
    while server.failure == nil, server.connections > 0, MonotonicClock.now < limit {
      if signals.wait(timeout: .milliseconds(10)) != nil { break }
    }
    let left = server.connections
    server.close()
    if left > 0 { log.notice("closed \(Format.counted(left, "connection")) that had not left") }
    log.info("ended")
  }

  private func report<Stream: ~Copyable>(_ server: Server<Stream>) {
    let threads = server.reports
    output.print(
      ["amy serve: protocol \(wire), model \(server.model), \(server.endpoint)", "", "What each thread did:"]
        + Table(of: threads).lines,
      [
        ("command", .string("serve")), ("ok", .bool(server.failure == nil)), ("protocol", .string(wire.rawValue)),
        ("model", .string(server.model.rawValue)),
        ("endpoint", .string("\(server.endpoint)")), ("connections", .integer(threads.total(\.opened))),
        ("requests", .integer(threads.total(\.requests))), ("bytes", .integer(threads.total(\.bytes))),
        ("server", .array(threads.map { JSON($0) })),
      ])
  }
}
