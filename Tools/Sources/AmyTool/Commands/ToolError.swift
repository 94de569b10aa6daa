internal import Amy
internal import AmySockets
internal import AmyThreads
internal import ArgumentParser

/// Why the program cannot do what it was asked to, in words for people, and as an exit status for machines.
struct ToolError: Error {
  let message: String
  let status: Status

  init(_ message: String, _ status: Status) {
    self.message = message
    self.status = status
  }

  /// The exit statuses besides 0, as in sysexits.h.
  enum Status: Int32 {
    /// A byte was wrong, a connection failed, or something does not work here.
    case failed = 1
    /// The arguments make no sense.
    case usage = 64
    /// Nobody listens there, or the address cannot be had.
    case unavailable = 69
    /// The system does not give enough: descriptors, memory, threads, ports.
    case environment = 71
  }

  /// The table of statuses for `--help`.
  static var statusHelp: String {
    """
    EXIT STATUS: 0 all well; 1 a byte was wrong or a connection failed; 64 the arguments make no sense; \
    69 nobody listens at the address, or it cannot be had; 71 the system does not give enough (descriptors, memory, threads).
    """
  }
}

extension ToolError {
  /// What an error means that came up while somebody wanted to do something.
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
  /// Whether the machine is at fault: it has no descriptors, memory or ports left.
  var isOfEnvironment: Bool {
    switch code {
    case .descriptorLimit, .watchLimit, .outOfMemory, .noSpace: true
    default: false
    }
  }
}

/// A command that ends with the status of its error.
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
