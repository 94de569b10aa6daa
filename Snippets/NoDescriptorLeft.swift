// Two solutions for an accept that finds no descriptor left: the article of that name.

import Amy
import AmySockets
import SystemPackage

// snippet.pause
/// Accepts by trigger once, and pauses while there is no descriptor for one more.
struct Door: ~Copyable {
  let registration: Registration<TCPListener>
  var isPaused = false

  /// When there was an event of the listener's.
  mutating func open(_ welcome: (consuming TCPStream) -> Void) throws(PollerError) {
    do throws(PollerError) {
      try registration.source.acceptAll { (stream, _) throws(PollerError) in welcome(stream) }
      try registration.arm(for: .readable)
    } catch {
      guard error.code == .descriptorLimit else { throw error }
      // By once the listener is silent now: do not arm it, and nothing spins.
      isPaused = true
    }
  }

  /// When a connection was closed, and once in a while.
  mutating func resume() throws(PollerError) {
    if !isPaused { return }
    isPaused = false
    try registration.arm(for: .readable)
  }
}
// snippet.end

// snippet.refuse
/// Keeps a descriptor in reserve, and spends it on telling a client that there is no room.
struct Reserve: ~Copyable {
  private var spare: FileDescriptor?

  init() {
    spare = Self.open()
  }

  deinit {
    try? spare?.close()
  }

  /// Takes one client and closes the connection at once; false where even that could not be done: then pause.
  mutating func refuseOne(from listener: borrowing TCPListener) -> Bool {
    guard let descriptor = spare.take() else { return false }
    try? descriptor.close()
    defer { spare = Self.open() }
    // Another thread may have been faster, and have the number now.
    guard case .accepted? = try? listener.accept() else { return false }
    return true
  }

  private static func open() -> FileDescriptor? {
    try? FileDescriptor.open(FilePath("/dev/null"), .readOnly, options: .closeOnExec)
  }
}
// snippet.end
