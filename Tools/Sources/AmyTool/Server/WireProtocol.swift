internal import ArgumentParser

enum WireProtocol: String, CaseIterable, Sendable, ExpressibleByArgument {
  case echo
  case lines
  /// Frames with a four-byte prefix.
  case frames

  var isText: Bool { self == .lines }

  /// The maximum bytes of a line or frame.
  static var limit: Int { 1 << 20 }
  /// The bytes read from a client before others' turn.
  static var budget: Int { 1 << 16 }
  /// The bytes that may wait for a client before the server stops reading from it.
  static var unread: Int { 1 << 16 }
  /// The default idle timeout.
  static var idle: Duration { .seconds(600) }
}
