import Glibc

/// The clock of `virtual_clock.c`, which stands still unless it is moved: so that what timers cost can be counted.
package struct VirtualClock {
  private typealias Advance = @convention(c) (UInt64) -> Void
  private let advance: Advance

  /// Nil if the program was started without it.
  package init?() {
    guard let symbol = dlsym(nil, "virtual_clock_advance") else { return nil }
    advance = unsafeBitCast(symbol, to: Advance.self)
  }

  package func advance(by nanoseconds: UInt64) {
    advance(nanoseconds)
  }
}
