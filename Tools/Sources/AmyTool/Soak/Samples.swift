/// The process's memory and descriptors over time, at most a thousand samples: at that number every other is dropped.
struct Samples: Sendable {
  struct Sample: Sendable {
    let time: Duration
    /// Resident, in bytes.
    let memory: Int
    let descriptors: Int
  }

  private(set) var all: [Sample] = []
  private var interval = Duration.milliseconds(250)

  private static var most: Int { 1_000 }

  /// Takes a sample if it is time, or if asked.
  mutating func take(at time: Duration, always: Bool = false, _ look: () -> (memory: Int, descriptors: Int)?) {
    if let last = all.last, time - last.time < interval, !always { return }
    guard let (memory, descriptors) = look() else { return }
    all.append(Sample(time: time, memory: memory, descriptors: descriptors))
    if all.count >= Self.most {
      all = all.indices.filter { $0.isMultiple(of: 2) }.map { all[$0] }
      interval *= 2
    }
  }

  var mostMemory: Int { all.map(\.memory).max() ?? 0 }
  var mostDescriptors: Int { all.map(\.descriptors).max() ?? 0 }

  /// What is wrong with the memory's growth.
  ///
  /// Caches, tables and the allocator's pools fill up at first: so the second quarter's median is compared with the last
  /// quarter's, which may be 8 MiB plus a quarter higher. Half an hour of a leak of 50 bytes per connection exceeds that. Fewer
  /// than 40 samples give no verdict.
  var leak: String? {
    if all.count < 40 { return nil }
    let quarter = all.count / 4
    let before = Self.middle(all[quarter..<(2 * quarter)])
    let after = Self.middle(all[(all.count - quarter)...])
    if after <= before + before / 4 + (8 << 20) { return nil }
    return "grew from \(Format.bytes(before)) in the second quarter to \(Format.bytes(after)) in the last one"
  }

  private static func middle(_ samples: ArraySlice<Sample>) -> Int {
    samples.map(\.memory).sorted()[samples.count / 2]
  }
}
