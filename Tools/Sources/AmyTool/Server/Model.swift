internal import ArgumentParser

enum Model: String, CaseIterable, Sendable, ExpressibleByArgument {
  /// One thread polls, and hands events to workers, which own the sockets.
  case handover
  /// All threads wait on one poller.
  case shared
  /// Each thread has its poller and listener.
  case sharded
}
