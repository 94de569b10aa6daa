/// The bytes that end a line.
public struct LineDelimiter: Hashable, Sendable {
  /// What precedes the last byte.
  @usableFromInline
  enum Front: Hashable, Sendable {
    case nothing
    /// An optional carriage return.
    case maybe
    case oneByte
    case longer
  }

  /// All bytes except the last, which is searched for.
  let frontBytes: [UInt8]
  @usableFromInline
  let front: Front
  /// The byte before the last one, or 0 if there is none.
  @usableFromInline
  let byteBefore: UInt8
  let last: UInt8

  /// Creates a delimiter of at least one byte.
  ///
  /// A line ends at the first place where all its bytes occur. The search looks at each byte once, and where it finds the last
  /// byte, goes back by the delimiter's length.
  public init(_ bytes: [UInt8]) {
    guard let last = bytes.last else { preconditionFailure("an empty delimiter ends no line: pass at least one byte") }
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

  /// A line feed, or a carriage return and a line feed: the usual line endings of text.
  ///
  /// One carriage return before the line feed is not part of the line; any other is.
  public static let newline = LineDelimiter(last: UInt8(ascii: "\n"), maybeAfter: UInt8(ascii: "\r"))

  /// A line feed alone: a carriage return before it is part of the line.
  public static let lineFeed = LineDelimiter([UInt8(ascii: "\n")])

  /// A carriage return followed by a line feed: either alone is part of the line.
  ///
  /// For protocols that allow nothing else, with lines that may contain a line feed.
  public static let carriageReturnLineFeed = LineDelimiter([UInt8(ascii: "\r"), UInt8(ascii: "\n")])

  /// The maximum number of its bytes.
  package var longestCount: Int { frontBytes.count + (front == .maybe ? 2 : 1) }
}
