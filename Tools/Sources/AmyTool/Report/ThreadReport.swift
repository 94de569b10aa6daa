/// What one thread did.
struct ThreadReport: Sendable {
  /// What it is there for, as in `worker 2`.
  let role: String
  /// How often it waited: for the kernel, or for another thread.
  var waits = 0
  /// The events that its waits brought.
  var events = 0
  /// Reads that brought bytes, or lines or frames, for a server, whole echoes for a generator.
  var requests = 0
  /// The bytes that it has read.
  var bytes = 0
  /// How often it told the kernel anew what to wait for.
  var reregistrations = 0
  /// Connections that it took in, or made.
  var opened = 0
  /// Connections that it closed.
  var closed = 0
  /// Those of them that broke: reset, or gone while something was still to be sent to them.
  var broken = 0
  /// Those of them that broke the protocol: a frame or a line that was too long, or cut off.
  var refused = 0
  /// Those who said nothing for too long.
  var dropped = 0
  /// Batches of events that it handed to another thread.
  var handedOver = 0

  init(_ role: String) {
    self.role = role
  }

  /// The events of a wait, on the average.
  var eventsPerWait: Double { waits == 0 ? 0 : Double(events) / Double(waits) }
}

extension [ThreadReport] {
  /// The sum of one of the numbers.
  func total(_ number: KeyPath<ThreadReport, Int>) -> Int {
    reduce(0) { $0 + $1[keyPath: number] }
  }
}
