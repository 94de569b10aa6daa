import Amy

extension FutexMutex where Value: ~Copyable {
  package func withLock(_ body: (inout Value) -> Void) {
    body(&locked)
  }
}
