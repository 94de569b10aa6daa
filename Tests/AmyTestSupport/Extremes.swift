/// Values of each kind of number that break careless code.
package enum Extremes {
  package static let integers: [Int] = [
    .min, .min + 1, Int(Int32.min) - 1, Int(Int32.min), -65_536, -256, -1, 0, 1, 2, 127, 128, 255, 256, 32_767, 32_768, 65_535,
    65_536, Int(Int32.max), Int(Int32.max) + 1, Int(UInt32.max), Int(UInt32.max) + 1, 1 << 60, .max - 1, .max,
  ]
  package static let durations: [Duration] = [
    Duration(secondsComponent: .min, attosecondsComponent: -999_999_999_999_999_999), .seconds(Int64.min), .seconds(-1),
    .nanoseconds(-1), Duration(secondsComponent: 0, attosecondsComponent: -1), .zero,
    Duration(secondsComponent: 0, attosecondsComponent: 1), .nanoseconds(1), .seconds(Int32.max), .seconds(UInt32.max),
    .seconds(Int64.max - 1), .seconds(Int64.max),
    Duration(secondsComponent: .max, attosecondsComponent: 999_999_999_999_999_999),
  ]

  /// The extremes of any integer type that fit this one.
  package static func numbers<Number: FixedWidthInteger>(_: Number.Type) -> [Number] {
    ([.min, .max] + integers.compactMap { Number(exactly: $0) }).reduce(into: []) { numbers, number in
      if !numbers.contains(number) { numbers.append(number) }
    }
  }
}

/// Passes each value to a call in a child, and returns the values that broke the call.
///
/// A thrown error is a proper answer; a trap, an abort, and two minutes without a result are not. The name is that of the
/// public number in `TidyTests`: file, declaration, label.
package func sweep<Value>(
  _ name: StaticString, _ values: [Value], _ body: (Value) throws -> Void
) -> [String] {
  func survives(_ values: [Value]) -> Bool {
    inChild(.forked) {
      for value in values { try? body(value) }
      return 0
    } == 0
  }
  // One child for all values, if none breaks the call.
  return survives(values) ? [] : values.filter { !survives([$0]) }.map { "\(name): \($0)" }
}
