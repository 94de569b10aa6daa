public import Amy

/// The reason that a `write` of a ``StreamWriter`` or a ``FrameWriter`` failed.
public enum StreamWriteError: Error, Hashable, Sendable {
  /// The peer reads too slowly: the bytes would exceed the limit, and none was accepted.
  case queueFull(OutputQueueError)
  /// The length of `count` bytes does not fit into a frame's prefix; nothing was accepted.
  case tooLong(count: Int)
  /// The stream failed: the bytes were accepted, and will not arrive.
  case stream(PollerError)
}

extension StreamWriteError: CustomStringConvertible {
  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .queueFull(let error): error.description
    case .tooLong(let count): FrameEncodingError.tooLong(count: count).description
    case .stream(let error): error.description
    }
  }
}

extension FrameEncodingError {
  var asWriteError: StreamWriteError {
    switch self {
    case .queueFull(let error): .queueFull(error)
    case .tooLong(let count), .noRoom(let count, _): .tooLong(count: count)
    }
  }
}
