import Glibc

/// A system thread that starts at once and is joined once.
package final class Thread {
  private var thread = pthread_t()

  package init(_ body: @escaping @Sendable () -> Void) {
    let job = Unmanaged.passRetained(Job(body))
    let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
      if let context { Unmanaged<Job>.fromOpaque(context).takeRetainedValue().body() }
      return nil
    }
    let result = pthread_create(&thread, nil, run, job.toOpaque())
    precondition(result == 0, "the system starts no more threads")
  }

  package func join() {
    pthread_join(thread, nil)
  }
}

private final class Job: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
  }
}
