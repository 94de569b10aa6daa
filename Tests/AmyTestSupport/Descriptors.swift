import CAmyTestSupport
import Foundation
import SystemPackage

/// The process's open descriptors.
package enum Descriptors {
  /// How many there are.
  ///
  /// Other tests of the process open and close descriptors at the same time: ask in a process of its own.
  package static func count() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
  }

  /// Whether there are so many, now or before long: the test runner's own threads open and close some for moments.
  package static func settle(at expected: Int) throws -> Bool {
    for _ in 0..<1_000 {
      if try count() == expected { return true }
      Thread.sleep(forTimeInterval: 0.005)
    }
    return false
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
