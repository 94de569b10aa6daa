internal import Amy
internal import AmySockets
internal import AmyThreads
internal import ArgumentParser

/// A failure: a message for people, an exit status for machines.
struct ToolError: Error {
  let message: String
  let status: Status

  init(_ message: String, _ status: Status) {
    self.message = message
    self.status = status
  }

  /// The exit statuses besides 0, as in sysexits.h.
  enum Status: Int32 {
    /// A byte was wrong, a connection failed, or something does not work.
    case failed = 1
    case usage = 64
    /// Nothing listens at the address, or it is not available.
    case unavailable = 69
    /// Too few descriptors, memory, threads, or ports.
    case environment = 71
  }

  /// The statuses for `--help`.
  static var statusHelp: String {
    """
    EXIT STATUS: 0 success; 1 a byte was wrong or a connection failed; 64 the arguments are invalid; 69 nothing listens at the \
    address, or it is not available; 71 the system has too few resources (descriptors, memory, threads).
    """
  }
}

extension ToolError {
  init(_ error: any Error, doing what: String) {
    switch error {
    case let error as ToolError: self = error
    case let error as PollerError:
      self.init("cannot \(what): \(error)", error.isOfEnvironment ? .environment : .unavailable)
    default: self.init("cannot \(what): \(error)", .environment)
    }
  }
}

extension PollerError {
  /// Whether the machine lacks descriptors, memory or ports.
  var isOfEnvironment: Bool {
    switch code {
    case .descriptorLimit, .watchLimit, .outOfMemory, .noSpace: true
    default: false
    }
  }
}

/// A command that ends with its error's status.
protocol ToolCommand: ParsableCommand {
  func execute() throws
}

extension ToolCommand {
  func run() throws {
    do {
      try execute()
    } catch let error as ToolError {
      Console.write("amy: \(error.message)\n")
      throw ExitCode(error.status.rawValue)
    }
  }
}
