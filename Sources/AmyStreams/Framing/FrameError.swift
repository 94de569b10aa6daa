/// An error in the input of a ``FrameDecoder``.
///
/// The decoder stays failed, and throws it again, because the start of the next frame is unknown: close the connection.
public enum FrameError: Error, Hashable, Sendable {
  /// A payload is longer than the limit.
  case tooLong(length: UInt64, limit: Int)
  /// A length that counts the whole frame is less than its prefix's size.
  case shorterThanPrefix(length: Int, prefix: Int)
  /// A varint has more bytes than its number needs.
  case varintNotShortest
  /// A varint has more than 64 bits.
  case varintOverflow
  /// The stream ended after `received` bytes of a frame, including its prefix.
  case endedInsideFrame(received: Int)
}

extension FrameError: CustomStringConvertible {
  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .tooLong(let length, let limit):
      "a frame of \(length) bytes is over the limit of \(limit): close the connection, or make the decoder with a larger limit"
    case .shorterThanPrefix(let length, let prefix):
      "a frame of \(length) bytes is shorter than its prefix of \(prefix): close the connection; perhaps it counts the payload"
    case .varintNotShortest:
      "the length of a frame is a varint with unnecessary bytes: close the connection"
    case .varintOverflow:
      "the length of a frame is a varint of more than 64 bits: close the connection"
    case .endedInsideFrame(let received):
      "the stream ended after \(received) bytes of a frame: do not use them, and close the connection"
    }
  }
}
