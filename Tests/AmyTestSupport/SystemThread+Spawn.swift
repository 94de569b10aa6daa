import AmyThreads

extension SystemThread {
  /// Starts a thread, or ends the process if the system cannot.
  package static func spawn(_ name: String, _ body: sending @escaping () throws(Failure) -> Value) -> SystemThread {
    do throws(SystemThreadError) {
      return try SystemThread(named: name, body)
    } catch {
      preconditionFailure(error.description)
    }
  }
}
