/// Pseudorandom numbers, the same in each run, program and language: xorshift.
package struct Random {
  @usableFromInline var state: UInt64 = 88_172_645_463_325_252

  @inlinable
  package init() {}

  @inlinable
  @inline(__always)
  package mutating func next() -> UInt64 {
    state ^= state &<< 13
    state ^= state &>> 7
    state ^= state &<< 17
    return state
  }

  /// Returns a number below a bound, itself below 2^32.
  @inlinable
  @inline(__always)
  package mutating func next(below bound: Int) -> Int {
    Int(truncatingIfNeeded: ((next() &>> 32) &* UInt64(truncatingIfNeeded: bound)) &>> 32)
  }

  /// Returns a timer's duration here: nanoseconds from a second to a minute.
  @inlinable
  @inline(__always)
  package mutating func delay() -> UInt64 {
    1_000_000_000 &+ next().multipliedFullWidth(by: 59_000_000_000).high
  }
}
