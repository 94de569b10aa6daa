struct ThreadReport: Sendable {
  /// Such as `worker 2`.
  let role: String
  /// For the kernel or another thread.
  var waits = 0
  var events = 0
  /// A server's reads with bytes, or lines or frames; a generator's complete echoes.
  var requests = 0
  /// Bytes read.
  var bytes = 0
  var reregistrations = 0
  /// Connections accepted or made.
  var opened = 0
  var closed = 0
  /// Closed connections that were reset, or gone with output pending.
  var broken = 0
  /// Connections with a frame or a line too long or cut off.
  var refused = 0
  /// Connections idle for too long.
  var dropped = 0
  /// Batches of events for another thread.
  var handedOver = 0

  init(_ role: String) {
    self.role = role
  }

  var eventsPerWait: Double { waits == 0 ? 0 : Double(events) / Double(waits) }
}

extension [ThreadReport] {
  func total(_ number: KeyPath<ThreadReport, Int>) -> Int {
    reduce(0) { $0 + $1[keyPath: number] }
  }
}
