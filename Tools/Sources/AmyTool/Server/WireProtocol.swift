internal import ArgumentParser

/// The protocol of the server.
enum WireProtocol: String, CaseIterable, Sendable, ExpressibleByArgument {
  /// Bytes come back unchanged.
  case echo
  /// Lines come back.
  case lines
  /// Frames with a four-byte prefix come back.
  case frames

  /// Whether the payload is text.
  var isText: Bool { self == .lines }

  /// The maximum length of a line or a frame in bytes.
  static var limit: Int { 1 << 20 }
  /// The number of bytes read from a client before the others have their turn.
  static var budget: Int { 1 << 16 }
  /// The number of bytes that may wait for a client that does not read; at that number the server stops reading from it.
  static var unread: Int { 1 << 16 }
  /// The default idle timeout of a client.
  static var idle: Duration { .seconds(600) }
}
