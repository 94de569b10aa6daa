import CAmyTestSupport

/// How to make a child that shares nothing with this process but what it had.
package enum ChildKind: CaseIterable, Sendable {
  case forked
  /// By the system call alone: no handler runs.
  case cloned
}

/// Runs a closure in a child process and returns its number (0 to 99); 100 and more when it crashed or hung.
///
/// Do little in it: other threads' locks may be held for ever there.
package func inChild(_ kind: ChildKind, _ body: () -> Int32) -> Int32 {
  withoutActuallyEscaping(body) { body in
    let box = Box(body)
    let context = Unmanaged.passUnretained(box).toOpaque()
    let run: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { context in
      guard let context else { return 99 }
      return Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().body()
    }
    return withExtendedLifetime(box) {
      switch kind {
      case .forked: amy_test_in_child(run, context)
      case .cloned: amy_test_in_cloned_child(run, context)
      }
    }
  }
}

private final class Box {
  let body: () -> Int32
  init(_ body: @escaping () -> Int32) { self.body = body }
}
