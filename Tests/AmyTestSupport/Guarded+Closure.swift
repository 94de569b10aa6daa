import Amy

extension FutexMutex where Value: ~Copyable {
  /// Calls a closure while holding the lock.
  package func withLock(_ body: (inout Value) -> Void) {
    body(&locked)
  }
}
