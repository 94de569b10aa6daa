internal import SystemPackage

/// Small text files, as under /proc.
enum TextFile {
  /// Returns the first 4 KiB without the final newline, or nil if unreadable.
  static func read(_ path: String) -> String? {
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return nil }
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    guard let count = try? unsafe bytes.withUnsafeMutableBytes({ unsafe try file.read(into: $0) }) else { return nil }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}
