#if KqueueModel
import Glibc

final class Running: @unchecked Sendable {
  private let body: @Sendable () -> Int
  private(set) var thread = pthread_t()
  private var result = 0

  init(_ body: @escaping @Sendable () -> Int) {
    self.body = body
    let context = Unmanaged.passRetained(self).toOpaque()
    let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
      guard let context else { return nil }
      let running = Unmanaged<Running>.fromOpaque(context).takeRetainedValue()
      running.result = running.body()
      return nil
    }
    guard pthread_create(&thread, nil, start, context) == 0 else { preconditionFailure("no thread available") }
  }

  @discardableResult
  func join() -> Int {
    pthread_join(thread, nil)
    return result
  }
}

func spawn(_ body: @escaping @Sendable () -> Int) -> Running { Running(body) }
#endif
