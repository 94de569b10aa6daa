import Amy
import SystemPackage

/// A kernel that the contract's tests run over: the system's own, or the simulated one.
package protocol KernelUnderTest: Sendable, CustomStringConvertible {
  func makePoller(isEmbedded: Bool) throws -> any PollerUnderTest
  /// Two non-blocking ends of a stream.
  func makePair() throws -> any StreamPair
  /// Where its answers are its own.
  var differences: KernelDifferences { get }
}

extension KernelUnderTest {
  /// A poller as nearly everybody has one.
  package func makePoller() throws -> any PollerUnderTest { try makePoller(isEmbedded: false) }
}

/// Two ends of a stream of bytes: what is written to the one is read from the other.
///
/// Closes what is open when it goes.
package protocol StreamPair: AnyObject, Sendable {
  /// The end that tests register.
  var near: FileDescriptor { get }
  /// The end that tests act with.
  var far: FileDescriptor { get }

  /// Writes so many bytes, and returns how many were taken.
  func write(_ count: Int, to end: FileDescriptor) throws -> Int
  /// Reads at most so many bytes, and returns how many there were: 0 at the end, nil when there are none yet.
  func read(_ count: Int, from end: FileDescriptor) throws -> Int?
  /// Says that nothing more will be written.
  func shutDownWriting(_ end: FileDescriptor) throws
  func close(_ end: FileDescriptor) throws
}

extension StreamPair {
  /// Writes until nothing more fits.
  package func fill(_ end: FileDescriptor) throws {
    while try write(65_536, to: end) > 0 {}
  }

  /// Reads until there is nothing more, and returns how much there was.
  @discardableResult
  package func drain(_ end: FileDescriptor) throws -> Int {
    var total = 0
    while let count = try read(65_536, from: end), count > 0 { total += count }
    return total
  }
}
