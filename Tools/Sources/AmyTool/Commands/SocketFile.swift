internal import Amy
internal import AmySockets
internal import AmyThreads
internal import SystemPackage

/// The file of a Unix socket, which stays when its listener goes, and refuses the next one.
struct SocketFile {
  let path: String

  /// Removes what a server that ended badly has left behind.
  ///
  /// Throws where the path belongs to somebody who lives, or is no socket at all.
  func makeWay(for endpoint: Endpoint) throws(DemoError) {
    do throws(PollerError) {
      _ = try UnixStream(connectingTo: endpoint)
    } catch {
      switch error.code {
      case .addressNotAvailable: return
      case .connectionRefused: return try removeStale()
      // Its backlog is full, so there is somebody.
      case .backlogFull: break
      default: throw DemoError(error, doing: "listen on \(path)")
      }
    }
    throw DemoError("a server listens on \(path): end it first, or choose another path", .unavailable)
  }

  private func removeStale() throws(DemoError) {
    let error = Errno(rawValue: ProcessProbe.removeSocket(at: path))
    // Somebody else may have removed it meanwhile.
    if error.rawValue == 0 || error == .noSuchFileOrDirectory { return }
    if error == .notSocket {
      throw DemoError("\(path) is there, and is no socket: remove it yourself, or choose another path", .unavailable)
    }
    throw DemoError("cannot remove the old socket \(path): \(error.description)", .unavailable)
  }

  /// Removes the file of our own listener.
  func remove() {
    _ = ProcessProbe.removeSocket(at: path)
  }
}
