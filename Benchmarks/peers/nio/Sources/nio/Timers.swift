import Glibc
import NIOCore
import NIOPosix

/// Sets, cancels and fires scheduled tasks on one event loop, from that loop itself.
struct Timers {
  let count: Int

  func run() throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let (set, cancel, fire) = try loop.flatSubmit { [self] in timeAll(on: loop) }.wait()
    let each = Double(count)
    print("random_both=\(Double(set + cancel) / each) fire=\(Double(fire) / each) memory=\(Usage.peakMemory)")
  }

  private func timeAll(on loop: any EventLoop) -> EventLoopFuture<(UInt64, UInt64, UInt64)> {
    var generator = SystemRandomNumberGenerator()
    let setting = Usage.now
    let tasks = (0..<count).map { _ in
      loop.scheduleTask(in: .nanoseconds(.random(in: 1_000_000_000...60_000_000_000, using: &generator))) {}
    }
    let set = setting.nanosecondsSince
    let order = tasks.shuffled()
    let cancelling = Usage.now
    for task in order { task.cancel() }
    let cancel = cancelling.nanosecondsSince
    let due = (0..<count).map { _ in
      loop.scheduleTask(in: .nanoseconds(.random(in: 1_000_000...60_000_000, using: &generator))) {}
    }
    usleep(65_000)
    let firing = Usage.now
    return EventLoopFuture.andAllComplete(due.map(\.futureResult), on: loop).map { (set, cancel, firing.nanosecondsSince) }
  }
}
