import CAmyTestSupport
import Foundation

/// A child with a copy of this process, which shares nothing else with it.
package enum ChildKind: CaseIterable, Sendable {
  case forked
  /// By clone(2) alone: no fork handler runs.
  case cloned
}

/// Runs a closure in a child, and returns its result (0 to 99), or 100 and more if it crashed or hung.
///
/// Do little in it: locks of other threads may be held there forever.
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

/// Runs a closure in a forked child, and returns its report: empty if all is well.
///
/// The child has one thread, and blocks all signals except SIGALRM, which ends it after `seconds`.
package func report(ofChildFor seconds: UInt32, _ body: () throws -> String) -> String {
  let pipe = Pipe()
  let result = inChild(.forked) {
    var all = sigset_t()
    sigfillset(&all)
    sigdelset(&all, SIGALRM)
    pthread_sigmask(SIG_SETMASK, &all, nil)
    alarm(seconds)
    var text = ""
    do { text = try body() } catch { text = "\(error)" }
    // A pipe has room for more.
    pipe.fileHandleForWriting.write(Data(text.utf8.prefix(16_384)))
    return 0
  }
  try? pipe.fileHandleForWriting.close()
  let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  return result == 0 ? text : "the child ended with \(result), and said: \(text)"
}

private final class Box {
  let body: () -> Int32
  init(_ body: @escaping () -> Int32) { self.body = body }
}
