/// Everything that Amy asks of a kernel.
///
/// Each requirement may be called from any thread while others wait. What is above the backend is portable and knows no
/// kernel; a new kernel is one file that conforms. Dispatch is static: a poller is made for one backend, and the compiler
/// specialises what it calls.
package protocol Backend: ~Copyable, Sendable {
  /// Nanoseconds on the clock that timeouts and timers count on. No system call.
  var now: UInt64 { get }

  /// The descriptor of the kernel's queue: readable whenever a wait would find something.
  var descriptor: CInt { get }

  /// Starts to watch a descriptor, which is not watched yet.
  func add(_ descriptor: CInt, _ watch: Watch) throws(PollerError)

  /// Replaces all that is known of a watched descriptor, and delivers at once what is ready already.
  func modify(_ descriptor: CInt, _ watch: Watch) throws(PollerError)

  /// Forgets a descriptor: no wait that starts later reports it.
  func remove(_ descriptor: CInt) throws(PollerError)

  /// Makes one wait return, or the next; wakes add up to one until a wait takes them.
  func wake() throws(PollerError)

  /// Makes every wait return, now and for ever.
  func wakeForGood()

  /// Appends at most `limit` events, for which there is room in the array, and sleeps no longer than so many nanoseconds
  /// (0 not at all, `UInt64.max` without end) while there are none.
  func wait(into events: inout [Event], atMost limit: Int, for nanoseconds: UInt64) -> Harvest
}

/// What to watch a descriptor for, and under which id.
package struct Watch: Sendable {
  package let id: Event.ID
  package let interest: Interest
  package let trigger: Trigger

  @inline(__always)
  package init(id: Event.ID, interest: Interest, trigger: Trigger) {
    self.id = id
    self.interest = interest.intersection(.all)
    self.trigger = trigger
  }
}

/// What the kernel gave a wait, besides the events.
package struct Harvest {
  /// How many entries the kernel reported, those included that are nobody's event; or the negated errno.
  package let result: SystemCallResult
  /// Whether a wake was among them.
  package let isWoken: Bool

  package init(result: SystemCallResult, isWoken: Bool = false) {
    self.result = result
    self.isWoken = isWoken
  }
}
