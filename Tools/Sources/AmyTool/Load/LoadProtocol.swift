internal import ArgumentParser

/// The protocol between generator and server.
enum LoadProtocol: String, CaseIterable, Sendable, ExpressibleByArgument {
  /// Bytes come back unchanged.
  case echo
  /// Lines come back.
  case lines
  /// Frames with a four-byte prefix come back.
  case frames
  /// Lines go to all others in a room, as in the chat of `Examples`.
  case chat

  /// Whether the payload is text.
  var isText: Bool { self == .lines || self == .chat }
}
