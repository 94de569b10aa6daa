import AmyThreads
import CAmyTestSupport
import SystemPackage

/// The process's open descriptors.
package enum Descriptors {
  /// How many there are.
  ///
  /// Other tests of the process open and close descriptors at the same time: ask in a process of its own.
  package static func count() throws -> Int { DescriptorLimit.open }

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
