internal import ArgumentParser

/// What the generator says to a server.
enum LoadProtocol: String, CaseIterable, Sendable, ExpressibleByArgument {
  /// Bytes come back as they are.
  case echo
  /// Lines come back.
  case lines
  /// Frames with a prefix of four bytes come back.
  case frames
  /// Lines go to all others in a room, as in the chat of `Examples`.
  case chat

  /// Whether what is said is text.
  var isText: Bool { self == .lines || self == .chat }
}
