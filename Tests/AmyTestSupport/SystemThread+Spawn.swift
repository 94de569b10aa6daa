import AmyThreads

extension SystemThread {
  /// Starts a thread, and ends the process where the system gives none: for tests, which cannot do without.
  package static func spawn(_ name: String, _ body: sending @escaping () throws(Failure) -> Value) -> SystemThread {
    do throws(SystemThreadError) {
      return try SystemThread(named: name, body)
    } catch {
      preconditionFailure(error.description)
    }
  }
}
