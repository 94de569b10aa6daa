import Foundation
import Testing

/// The program at the command line.
enum Tool {
  struct Result {
    let status: Int32
    let output: String
    let errors: String

    func report() throws -> Report {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Report.self, from: Data(output.utf8))
    }
  }

  /// The reports' members that the tests check: decoding fails without one.
  struct Report: Decodable {
    struct Thread: Decodable {
      let thread: String
      let waits: Int
      let events: Int
      let requests: Int
      let bytes: Int
      let opened: Int
      let closed: Int
      let refused: Int
      let dropped: Int
    }

    struct Latency: Decodable {
      let p50: Int
      let p90: Int
      let p99: Int
      let p999: Int
      let max: Int
    }

    let ok: Bool
    let command: String
    let model: String?
    let connections: Int
    let requests: Int
    let bytes: Int
    let failedConnections: Int?
    let wrongConnections: Int?
    let latencyNs: Latency?
    let eventsPerWait: Double?
    let server: [Thread]?
    let generator: [Thread]?
  }

  /// The executable, next to the tests'.
  static var executable: URL {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "amy")
  }

  /// Runs the program to its end.
  static func run(_ arguments: String...) throws -> Result {
    try run(list: arguments)
  }

  static func run(list arguments: [String]) throws -> Result {
    try start(executable, arguments).finish()
  }

  /// The same in a shell that sets a limit first.
  static func run(afterShell command: String, _ arguments: String...) throws -> Result {
    let script = "\(command) && exec \"$0\" \"$@\""
    return try start(URL(filePath: "/bin/sh"), ["-c", script, executable.path] + arguments).finish()
  }

  /// Starts the program, for a signal to end.
  static func start(_ arguments: String...) throws -> Running {
    try start(arguments)
  }

  static func start(_ arguments: [String]) throws -> Running {
    try start(executable, arguments)
  }

  private static func start(_ program: URL, _ arguments: [String]) throws -> Running {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return Running(process: process, output: output.fileHandleForReading, errors: errors.fileHandleForReading)
  }

  struct Running {
    let process: Process
    let output: FileHandle
    let errors: FileHandle

    /// Returns the server's address from its first log line.
    func address() throws -> String {
      let line = try #require(self.line(containing: "listening on "))
      return String(try #require(line.firstMatch(of: /listening on (.*)$/)?.1))
    }

    /// Returns the log's next line with the text; nil if the program ended first.
    func line(containing text: String) -> String? {
      var line: [UInt8] = []
      while let byte = errors.readData(ofLength: 1).first {
        if byte != UInt8(ascii: "\n") {
          line.append(byte)
          continue
        }
        let string = String(decoding: line, as: UTF8.self)
        if string.contains(text) { return string }
        line = []
      }
      return nil
    }

    /// Waits for the end: neither stream exceeds a pipe, so one is read after the other.
    func finish() -> Result {
      let output = String(decoding: output.readDataToEndOfFile(), as: UTF8.self)
      let errors = String(decoding: errors.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return Result(status: process.terminationStatus, output: output, errors: errors)
    }
  }
}
