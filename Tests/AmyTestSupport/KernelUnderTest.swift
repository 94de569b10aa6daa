import Amy
import SystemPackage

/// A kernel for the contract tests: the system's, or a simulated one.
package protocol KernelUnderTest: Sendable, CustomStringConvertible {
  func makePoller(isEmbedded: Bool) throws -> any PollerUnderTest
  /// Makes a non-blocking stream.
  func makePair() throws -> any StreamPair
  var differences: KernelDifferences { get }
}

extension KernelUnderTest {
  /// Makes a poller that is not embedded.
  package func makePoller() throws -> any PollerUnderTest { try makePoller(isEmbedded: false) }
}

/// The two ends of a stream of bytes; destroying it closes the open ones.
package protocol StreamPair: AnyObject, Sendable {
  /// The end that tests register.
  var near: FileDescriptor { get }
  /// The end that tests act with.
  var far: FileDescriptor { get }

  /// Writes bytes, and returns how many were accepted.
  func write(_ count: Int, to end: FileDescriptor) throws -> Int
  /// Reads at most the given number of bytes, and returns how many came: 0 at the end, nil if none yet.
  func read(_ count: Int, from end: FileDescriptor) throws -> Int?
  func shutDownWriting(_ end: FileDescriptor) throws
  func close(_ end: FileDescriptor) throws
}

extension StreamPair {
  package func fill(_ end: FileDescriptor) throws {
    while try write(65_536, to: end) > 0 {}
  }

  /// Reads all, and returns the number of bytes.
  @discardableResult
  package func drain(_ end: FileDescriptor) throws -> Int {
    var total = 0
    while let count = try read(65_536, from: end), count > 0 { total += count }
    return total
  }
}
