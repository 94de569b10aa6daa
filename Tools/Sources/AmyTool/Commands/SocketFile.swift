internal import Amy
internal import AmySockets
internal import AmyThreads
internal import SystemPackage

/// The file of a Unix socket, which outlives its listener, and makes the next bind fail.
struct SocketFile {
  let path: String

  /// Removes a crashed server's file; throws if a live server listens on the path, or it is not a socket.
  func makeWay(for endpoint: Endpoint) throws(ToolError) {
    do throws(PollerError) {
      _ = try UnixStream(connectingTo: endpoint)
    } catch {
      switch error.code {
      case .addressNotAvailable: return
      case .connectionRefused: return try removeStale()
      // Its full backlog means that a server listens.
      case .backlogFull: break
      default: throw ToolError(error, doing: "listen on \(path)")
      }
    }
    throw ToolError("a server listens on \(path): end it first, or choose another path", .unavailable)
  }

  private func removeStale() throws(ToolError) {
    let error = Errno(rawValue: SystemProbe.removeSocket(at: path))
    // Another process may have removed it.
    if error.rawValue == 0 || error == .noSuchFileOrDirectory { return }
    if error == .notSocket {
      throw ToolError("\(path) exists and is no socket: remove it yourself, or choose another path", .unavailable)
    }
    throw ToolError("cannot remove the old socket \(path): \(error.description)", .unavailable)
  }

  /// Removes our own listener's file.
  func remove() {
    _ = SystemProbe.removeSocket(at: path)
  }
}
