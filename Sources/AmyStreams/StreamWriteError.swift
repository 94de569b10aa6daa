public import Amy

/// Why a `write` of a ``StreamWriter`` or a ``FrameWriter`` failed.
public enum StreamWriteError: Error, Hashable, Sendable {
  /// The peer reads too slowly: what was to be written would not fit into the limit, and nothing of it was taken.
  case queueFull(OutputQueueError)
  /// The length of so many bytes does not fit into a frame's prefix, and nothing was taken.
  case tooLong(count: Int)
  /// The stream failed: what was to be written was taken, and will not arrive.
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
  /// The same as a writer tells it.
  var asWriteError: StreamWriteError {
    switch self {
    case .queueFull(let error): .queueFull(error)
    case .tooLong(let count), .noRoom(let count, _): .tooLong(count: count)
    }
  }
}
