import Foundation
import Testing

/// Each public number has a `sweep("...")` with its extremes in its module's tests.
@Suite("The public numbers")
struct PublicNumberTests {
  static func swept() throws -> Set<String> {
    let sources = try TidyTests.files(in: "Tests", endingIn: ["ExtremeNumberTests.swift"])
    let rows = sources.flatMap { source in
      source.lines.joined(separator: "\n").matches(of: /sweep\(\s*"([^"]+)"/).map { String($0.output.1) }
    }
    return Set(rows)
  }

  @Test("are found in the sources")
  func found() throws {
    let names = try PublicNumbers.names()
    #expect(names.count > 80)
    for known in [
      "Poller wait(into:timeout:) timeout", "KeepAlive count", "OutputQueue append(addingCapacity:_:) addingCapacity",
      "Deadline +(_:_:) _", "EventID init?(rawValue:) rawValue",
    ] {
      #expect(names.contains(known))
    }
  }

  @Test("are all swept, and nothing else is")
  func complete() throws {
    let (names, rows) = (try PublicNumbers.names(), try Self.swept())
    let missing = names.subtracting(rows).subtracting(Self.without.keys).sorted()
    #expect(missing.isEmpty, "these have no row in ExtremeNumberTests")
    let stale = rows.subtracting(names).subtracting(["descriptors", "processors"]).sorted()
    #expect(stale.isEmpty, "these are in ExtremeNumberTests, but are not public numbers")
    #expect(Set(Self.without.keys).subtracting(names).isEmpty)
  }

  /// The numbers without extremes, and the reasons.
  static let without = [
    "EventBuffer subscript(position:) position": "an index: the documentation names the trap"
  ]
}
