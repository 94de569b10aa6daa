/// What ends a line.
public struct LineDelimiter: Hashable, Sendable {
  /// What stands before the last byte.
  @usableFromInline
  enum Front: Hashable, Sendable {
    /// Nothing.
    case nothing
    /// A carriage return, or not.
    case maybe
    /// One byte.
    case oneByte
    /// More.
    case longer
  }

  /// All of it but its last byte, which is what is searched for.
  let frontBytes: [UInt8]
  @usableFromInline
  let front: Front
  /// The byte before the last one, if that may be looked for.
  @usableFromInline
  let byteBefore: UInt8
  /// The last byte.
  let last: UInt8

  /// Any bytes, one at least.
  ///
  /// A line ends at the first place where all of them stand. Searching looks at each byte once, and goes back by the length of
  /// the delimiter where its last byte is met.
  public init(_ bytes: [UInt8]) {
    guard let last = bytes.last else { preconditionFailure("an empty delimiter ends no line: give one byte at least") }
    frontBytes = Array(bytes.dropLast())
    front = bytes.count == 1 ? .nothing : bytes.count == 2 ? .oneByte : .longer
    byteBefore = frontBytes.last ?? 0
    self.last = last
  }

  private init(last: UInt8, maybeAfter byteBefore: UInt8) {
    frontBytes = []
    front = .maybe
    self.byteBefore = byteBefore
    self.last = last
  }

  /// A line feed, or a carriage return and a line feed: what text comes with.
  ///
  /// One carriage return before the line feed is no part of the line; any other is.
  public static let newline = LineDelimiter(last: UInt8(ascii: "\n"), maybeAfter: UInt8(ascii: "\r"))

  /// A line feed alone: a carriage return before it is part of the line.
  public static let lineFeed = LineDelimiter([UInt8(ascii: "\n")])

  /// A carriage return and a line feed, next to each other: either alone is part of the line.
  ///
  /// For protocols that allow nothing else, and whose lines may have a line feed in them.
  public static let carriageReturnLineFeed = LineDelimiter([UInt8(ascii: "\r"), UInt8(ascii: "\n")])

  /// How many bytes it has at most.
  package var longestCount: Int { frontBytes.count + (front == .maybe ? 2 : 1) }
}
