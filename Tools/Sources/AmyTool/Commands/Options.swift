internal import Amy
internal import AmySockets
internal import ArgumentParser

struct LoadOptions: ParsableArguments {
  @Option(help: "Number of connections.")
  var connections = 1_000

  @Option(help: "How long to send requests, in seconds, once all connections are made.")
  var seconds = 5.0

  @Option(help: "Bytes per request.")
  var size = 64

  @Option(
    help: ArgumentHelp(
      "Send one request per connection at this interval, instead of as soon as the last echo has arrived.",
      valueName: "seconds"))
  var every: Double?

  func validate() throws {
    guard (1...1_000_000).contains(connections) else { throw ValidationError("--connections takes 1 to 1000000") }
    guard (0.05...86_400).contains(seconds) else { throw ValidationError("--seconds takes 0.05 to 86400") }
    guard (1...1 << 20).contains(size) else { throw ValidationError("--size takes 1 to 1048576") }
    guard (0.001...3_600).contains(every ?? 1) else { throw ValidationError("--every takes 0.001 to 3600") }
  }

  func plan(for endpoint: Endpoint, threads: Int, wire: LoadProtocol = .echo) -> LoadPlan {
    // A chat room has at least two members, all of one thread.
    let most = wire == .chat ? connections / 2 : connections
    return LoadPlan(
      endpoint: endpoint, connections: connections, duration: .seconds(seconds), size: size,
      threads: min(threads, most), wire: wire, every: every.map { .seconds($0) })
  }
}

struct ThreadOptions: ParsableArguments {
  @Option(help: "Threads that serve, and the same number that generate load; model handover has one more, which polls.")
  var threads = 2

  func validate() throws {
    guard (1...64).contains(threads) else { throw ValidationError("--threads takes 1 to 64") }
  }
}

struct ModelOptions: ParsableArguments {
  @Option(
    help: """
      handover: one thread polls and hands events to workers, which own the sockets. shared: all threads wait on one poller. \
      sharded: each thread has a poller and a listener of its own.
      """)
  var model = Model.handover
}

struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the result as one line of JSON.")
  var json = false

  func print(_ lines: [String], _ members: [(name: String, value: JSON)]) {
    Swift.print(json ? JSON.object(members).description : lines.joined(separator: "\n"))
  }
}
