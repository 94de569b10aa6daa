internal import Amy
internal import AmySockets

/// What a person writes for an address.
enum Address {
  /// The endpoint behind `127.0.0.1:7`, `localhost:7`, `[::1]:7`, or `unix:/run/echo.sock`.
  static func resolve(_ text: String, option: String) throws(ToolError) -> Endpoint {
    do throws(PollerError) {
      // The resolver puts the best first, and gives at least one.
      if let endpoint = try Endpoint.resolve(parsing: text).first { return endpoint }
      throw PollerError(.nameNotFound)
    } catch {
      if error.code != .invalidArgument {
        throw ToolError("\(option) \(text): \(error)", .unavailable)
      }
      throw ToolError(
        "\(option) takes HOST:PORT, as 127.0.0.1:7000, [::1]:7000 or localhost:7000, or unix:PATH, and not '\(text)'", .usage)
    }
  }
}
