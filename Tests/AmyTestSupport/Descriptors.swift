import CAmyTestSupport
import Foundation
import SystemPackage

/// The process's open descriptors.
package enum Descriptors {
  /// How many there are.
  ///
  /// Other tests of the process open and close descriptors at the same time: ask in a process of its own.
  package static func count() throws -> Int { DescriptorLimit.open }

  /// The fewest that there are within some time, or as soon as there are no more than a number: the test runner's own threads
  /// open and close some for moments.
  package static func fewest(downTo expected: Int = 0) throws -> Int {
    var fewest = Int.max
    for _ in 0..<(expected == 0 ? 20 : 1_000) where fewest > expected {
      fewest = min(fewest, try count())
      Foundation.Thread.sleep(forTimeInterval: 0.005)
    }
    return fewest
  }

  /// Those that a program started by exec would have.
  package static func inherited() -> [CInt] {
    (0..<256).filter { closesOnExec(FileDescriptor(rawValue: $0)) == false }
  }

  /// Whether a descriptor is closed on exec, or nil when it is not open.
  package static func closesOnExec(_ descriptor: FileDescriptor) -> Bool? {
    switch amy_test_closes_on_exec(descriptor.rawValue) {
    case 0: false
    case 1: true
    default: nil
    }
  }
}
