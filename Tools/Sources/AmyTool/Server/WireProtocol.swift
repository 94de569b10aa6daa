internal import ArgumentParser

/// What the server speaks.
enum WireProtocol: String, CaseIterable, Sendable, ExpressibleByArgument {
  /// Bytes come back as they are.
  case echo
  /// Lines come back.
  case lines
  /// Frames with a prefix of four bytes come back.
  case frames

  /// Whether what is said is text.
  var isText: Bool { self == .lines }

  /// How many bytes a line or a frame may have.
  static var limit: Int { 1 << 20 }
  /// How many bytes of a client are read before the others have their turn.
  static var budget: Int { 1 << 16 }
  /// How many bytes may wait for a client who does not read: from then on he is not read from.
  static var unread: Int { 1 << 16 }
  /// How long a client may say nothing, unless something else is said.
  static var idle: Duration { .seconds(600) }
}
