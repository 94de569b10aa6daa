internal import CAmyThreads
internal import SystemPackage

/// Bit n of word n / 64 is processor n, as in the kernel.
internal struct ProcessorSet {
  var words = [UInt64](repeating: 0, count: Int(amy_processor_words))

  init() {}

  init(_ processors: Set<Int>) throws(SystemThreadError) {
    for processor in processors {
      guard processor >= 0, processor / 64 < words.count else {
        throw SystemThreadError(.processorNotAvailable, errno: .invalidArgument)
      }
      words[processor / 64] |= 1 << UInt64(processor % 64)
    }
  }

  var processors: Set<Int> {
    Set((0..<words.count * 64).filter { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 })
  }
}
