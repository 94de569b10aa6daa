/// How much memory and how many descriptors the process had, time after time.
///
/// However long the soak is there are no more than a thousand: where they would be more, every other one goes.
struct Samples: Sendable {
  struct Sample: Sendable {
    let time: Duration
    /// Resident memory, in bytes.
    let memory: Int
    let descriptors: Int
  }

  private(set) var all: [Sample] = []
  private var interval = Duration.milliseconds(250)

  private static var most: Int { 1_000 }

  /// Takes one, if it is time, or in any case.
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

  /// What is wrong with how the memory grows, or nil.
  ///
  /// Caches, tables and the allocator's pools fill up at first. So the middle one of the samples of the second quarter is
  /// compared with that of the last quarter: 8 MiB and a quarter more are allowed, which half an hour of a leak of 50 bytes a
  /// connection exceeds. Of fewer than 40 samples nothing can be said.
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
