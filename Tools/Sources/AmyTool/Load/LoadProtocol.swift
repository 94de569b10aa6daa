internal import ArgumentParser

enum LoadProtocol: String, CaseIterable, Sendable, ExpressibleByArgument {
  case echo
  case lines
  /// Frames with a four-byte prefix.
  case frames
  /// Lines go to all others in a room, as in the chat of `Examples`.
  case chat

  var isText: Bool { self == .lines || self == .chat }
}
