internal import Amy
internal import AmySockets

enum Address {
  /// Returns the endpoint of `127.0.0.1:7`, `localhost:7`, `[::1]:7`, or `unix:/run/echo.sock`.
  static func resolve(_ text: String, option: String) throws(ToolError) -> Endpoint {
    do throws(PollerError) {
      // At least one, the best first.
      if let endpoint = try Endpoint.resolve(parsing: text).first { return endpoint }
      throw PollerError(.nameNotFound)
    } catch {
      if error.code != .invalidArgument {
        throw ToolError("\(option) \(text): \(error)", .unavailable)
      }
      throw ToolError(
        "\(option) takes HOST:PORT (127.0.0.1:7000, [::1]:7000, localhost:7000) or unix:PATH, not '\(text)'", .usage)
    }
  }
}
