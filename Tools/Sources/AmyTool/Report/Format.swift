enum Format {
  /// `1,234,567`.
  static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var grouped = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { grouped += "," }
      grouped.append(digit)
    }
    return number < 0 ? "-" + grouped : grouped
  }

  /// Rounded: `12.30`.
  static func decimal(_ number: Double, digits: Int = 1) -> String {
    let factor = (0..<digits).reduce(1) { product, _ in product * 10 }
    let scaled = Int((number * Double(factor)).rounded())
    if digits == 0 { return count(scaled) }
    let fraction = String(scaled.magnitude % factor.magnitude)
    return "\(count(scaled / factor)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }

  /// With about three digits: `870 ns`, `12.3 µs`, `4.56 ms`, `1.23 s`.
  static func nanoseconds(_ number: UInt64) -> String {
    switch number {
    case ..<1_000: "\(number) ns"
    case ..<1_000_000: "\(decimal(Double(number) / 1e3)) µs"
    case ..<1_000_000_000: "\(decimal(Double(number) / 1e6, digits: 2)) ms"
    default: "\(decimal(Double(number) / 1e9, digits: 2)) s"
    }
  }

  /// `512 B`, `4.0 KiB`, `12.3 MiB`.
  static func bytes(_ number: Int) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"]
    if number < 1024 { return "\(number) B" }
    var value = Double(number) / 1024
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\(decimal(value)) \(units[unit])"
  }

  static func seconds(_ duration: Duration) -> String {
    "\(decimal(duration / .seconds(1))) s"
  }

  /// `1 connection`, `2 connections`.
  static func counted(_ number: Int, _ noun: String) -> String {
    "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
  }
}
