/// What one thread did.
struct ThreadReport: Sendable {
  /// The role of the thread, such as `worker 2`.
  let role: String
  /// The number of waits, for the kernel or for another thread.
  var waits = 0
  /// The number of events from its waits.
  var events = 0
  /// For a server, the number of reads that brought bytes, or of lines or frames; for a generator, of complete echoes.
  var requests = 0
  /// The number of bytes read.
  var bytes = 0
  /// The number of reregistrations.
  var reregistrations = 0
  /// Connections accepted or made.
  var opened = 0
  /// Connections closed.
  var closed = 0
  /// Closed connections that broke: they were reset, or gone while output was still pending.
  var broken = 0
  /// Connections that broke the protocol: a frame or a line was too long or cut off.
  var refused = 0
  /// Connections closed because they were idle for too long.
  var dropped = 0
  /// Batches of events handed to another thread.
  var handedOver = 0

  init(_ role: String) {
    self.role = role
  }

  /// The average number of events per wait.
  var eventsPerWait: Double { waits == 0 ? 0 : Double(events) / Double(waits) }
}

extension [ThreadReport] {
  /// Returns the sum of a counter.
  func total(_ number: KeyPath<ThreadReport, Int>) -> Int {
    reduce(0) { $0 + $1[keyPath: number] }
  }
}
