import Amy
import SystemPackage

/// A kernel for the contract tests: the system's own, or a simulated one.
package protocol KernelUnderTest: Sendable, CustomStringConvertible {
  func makePoller(isEmbedded: Bool) throws -> any PollerUnderTest
  /// Makes the two non-blocking ends of a stream.
  func makePair() throws -> any StreamPair
  /// How its answers differ from other kernels'.
  var differences: KernelDifferences { get }
}

extension KernelUnderTest {
  /// Makes an ordinary poller, which is not embedded.
  package func makePoller() throws -> any PollerUnderTest { try makePoller(isEmbedded: false) }
}

/// Two ends of a stream of bytes: bytes written to one end are read from the other.
///
/// Closes its open ends when it is destroyed.
package protocol StreamPair: AnyObject, Sendable {
  /// The end that tests register.
  var near: FileDescriptor { get }
  /// The end that tests act with.
  var far: FileDescriptor { get }

  /// Writes the given number of bytes, and returns how many were accepted.
  func write(_ count: Int, to end: FileDescriptor) throws -> Int
  /// Reads at most the given number of bytes, and returns how many came: 0 at the end, nil if there are none yet.
  func read(_ count: Int, from end: FileDescriptor) throws -> Int?
  /// Ends writing.
  func shutDownWriting(_ end: FileDescriptor) throws
  func close(_ end: FileDescriptor) throws
}

extension StreamPair {
  /// Writes until nothing more fits.
  package func fill(_ end: FileDescriptor) throws {
    while try write(65_536, to: end) > 0 {}
  }

  /// Reads until nothing is left, and returns the number of bytes.
  @discardableResult
  package func drain(_ end: FileDescriptor) throws -> Int {
    var total = 0
    while let count = try read(65_536, from: end), count > 0 { total += count }
    return total
  }
}
