/// The reason that a ``FrameEncoder`` wrote no part of a frame; the next frame can be written.
public enum FrameEncodingError: Error, Hashable, Sendable {
  /// The length of `count` bytes does not fit into the prefix.
  case tooLong(count: Int)
  /// The span has less room than the frame needs.
  case noRoom(needed: Int, free: Int)
  /// The queue has no room for the frame.
  case queueFull(OutputQueueError)
}

extension FrameEncodingError: CustomStringConvertible {
  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .tooLong(let count):
      "the length of \(count) bytes does not fit into the prefix: send a smaller payload, or agree on a longer prefix"
    case .noRoom(let needed, let free):
      "a frame of \(needed) bytes does not fit into a span with room for \(free): call encodedCount(forPayloadOf:) first"
    case .queueFull(let error):
      error.description
    }
  }
}
