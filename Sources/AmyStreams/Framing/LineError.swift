/// An error in the input of a ``LineDecoder``.
///
/// After ``tooLong(limit:)``, ``countOutOfRange(_:limit:)`` and ``endedInsideBytes(missing:)`` the decoder stays failed and
/// throws it again: close the connection. After ``invalidUTF8`` the line is still available, as bytes.
public enum LineError: Error, Hashable, Sendable {
  /// A line is longer than `limit` bytes, without its delimiter.
  case tooLong(limit: Int)
  /// More counted bytes than the limit were requested in one piece, or fewer than 0.
  case countOutOfRange(Int, limit: Int)
  /// The stream ended while `missing` counted bytes had not arrived.
  case endedInsideBytes(missing: Int)
  /// A line is not UTF-8.
  case invalidUTF8
}

extension LineError: CustomStringConvertible {
  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .tooLong(let limit):
      "a line is longer than the limit of \(limit) bytes: close the connection, or make the decoder with a larger limit"
    case .countOutOfRange(let count, let limit):
      "\(count) bytes in one piece are outside 0 to \(limit): close the connection, or take them with nextPiece(atMost:)"
    case .endedInsideBytes(let missing):
      "the stream ended \(missing) bytes early: do not use those that arrived, and close the connection"
    case .invalidUTF8:
      "a line is not UTF-8: take it as bytes with withBytes, or repaired with repairedString()"
    }
  }
}
