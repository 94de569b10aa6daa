import Glibc

/// The clock of `virtual_clock.c`, which only moves when advanced, to count the costs of timers.
package struct VirtualClock {
  private typealias Advance = @convention(c) (UInt64) -> Void
  private let advance: Advance

  /// Nil without the preload.
  package init?() {
    guard let symbol = dlsym(nil, "virtual_clock_advance") else { return nil }
    advance = unsafeBitCast(symbol, to: Advance.self)
  }

  package func advance(by nanoseconds: UInt64) {
    advance(nanoseconds)
  }
}
