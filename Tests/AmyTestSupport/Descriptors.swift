import CAmyTestSupport
import Foundation
import SystemPackage

package enum Descriptors {
  /// The number of open descriptors: call it in a process of its own, where no test opens others.
  package static func count() throws -> Int { DescriptorLimit.open }

  /// Returns the lowest count of some time, or at once one not above the expected: the test runner's threads open and close
  /// descriptors for moments.
  package static func fewest(downTo expected: Int = 0) throws -> Int {
    var fewest = Int.max
    for _ in 0..<(expected == 0 ? 20 : 1_000) where fewest > expected {
      fewest = min(fewest, try count())
      Foundation.Thread.sleep(forTimeInterval: 0.005)
    }
    return fewest
  }

  /// The descriptors that an exec would pass on.
  package static func inherited() -> [CInt] {
    (0..<256).filter { closesOnExec(FileDescriptor(rawValue: $0)) == false }
  }

  /// Returns whether a descriptor closes on exec, or nil if not open.
  package static func closesOnExec(_ descriptor: FileDescriptor) -> Bool? {
    switch amy_test_closes_on_exec(descriptor.rawValue) {
    case 0: false
    case 1: true
    default: nil
    }
  }
}
