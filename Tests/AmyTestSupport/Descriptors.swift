import CAmyTestSupport
import Foundation
import SystemPackage

/// The process's open descriptors.
package enum Descriptors {
  /// How many of them are epoll queues, eventfds, or whatever else the name in `/proc/self/fd` begins with.
  ///
  /// Other tests of the process open and close descriptors at the same time: ask in a child, or for what only one test has.
  package static func count(named prefix: String = "") throws -> Int {
    let folder = "/proc/self/fd"
    return try FileManager.default.contentsOfDirectory(atPath: folder).filter { entry in
      let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(entry)")
      return target?.hasPrefix(prefix) ?? false
    }.count
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
