internal import ArgumentParser

/// The three threading models of a server.
enum Model: String, CaseIterable, Sendable, ExpressibleByArgument {
  /// One thread polls and hands events to workers, which own the sockets.
  case handover
  /// All threads wait on one poller.
  case shared
  /// Each thread has a poller and a listener of its own.
  case sharded
}
