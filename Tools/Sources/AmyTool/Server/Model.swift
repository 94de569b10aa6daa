internal import ArgumentParser

/// Three ways to thread a server.
enum Model: String, CaseIterable, Sendable, ExpressibleByArgument {
  /// One thread polls and hands events to workers, who own the sockets.
  case handover
  /// All threads wait on one poller.
  case shared
  /// Each thread has a poller and a listener of its own.
  case sharded
}
