import Amy
import AmyTestSupport
import AmyThreads
import CAmyTestSupport
import Foundation
import Testing

@Suite("A thread", .timeLimit(.minutes(10)))
struct SystemThreadTests {
  struct Refusal: Error, Equatable {}

  static func ownName() -> String {
    #if os(Linux)
    let text = (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? "?"
    return String(text.dropLast())
    #else
    var bytes = [CChar](repeating: 0, count: 64)
    pthread_getname_np(pthread_self(), &bytes, bytes.count)
    return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    #endif
  }

  @Test("returns its body's value to each join, any number of times, from several threads")
  func joined() throws {
    let thread = try SystemThread(named: "answer") { 42 }
    let others = try (0..<4).map { number in try SystemThread(named: "other \(number)") { thread.join() } }
    #expect(others.map { $0.join() } == [42, 42, 42, 42])
    #expect(thread.join() == 42)
  }

  @Test("throws its body's error, with its type, at each join")
  func typedErrors() throws {
    let thread = try SystemThread(named: "refuses") { () throws(Refusal) -> Int in throw Refusal() }
    for _ in 0..<2 { #expect(throws: Refusal()) { () throws(Refusal) in try thread.join() } }
  }

  @Test("that is not joined runs on by itself")
  func dropped() throws {
    let (started, ended) = (Tally(), Tally())
    do {
      _ = try SystemThread(named: "alone") {
        started.wait(for: 1)
        ended.add(1)
      }
    }
    started.add(1)
    ended.wait(for: 1)
  }

  @Test(
    "has its name, truncated to 15 bytes between two characters",
    arguments: [
      ("worker", "worker"), ("", ""), ("exactly fifteen", "exactly fifteen"), ("sixteen bytes on", "sixteen bytes o"),
      ("fourteen bytesé", "fourteen bytes"), ("éééééééé", "ééééééé"), ("thirteen byte🧵", "thirteen byte"),
    ])
  func named(_ name: String, _ kept: String) throws {
    let own = try SystemThread(named: name) { Self.ownName() }.join()
    #expect(own == kept)
  }

  @Test("that joins itself traps, as documented")
  func joinsItself() async {
    await #expect(processExitsWith: .failure) {
      let itself = Monitor<SystemThread<Void, Never>?>(nil)
      let thread = try SystemThread(named: "self") {
        let own: SystemThread<Void, Never> = itself.wait { $0 }
        own.join()
      }
      itself.withLock { $0 = thread }
      itself.notifyAll()
      thread.join()
    }
  }

  // Sanitizers allocate at any time.
  @Test("without memory for it is a typed error, and what its body held is released", .enabled(if: sanitizer == nil))
  func noMemory() async {
    await #expect(processExitsWith: .success) {
      final class Held: Sendable {
        let released: Tally
        init(_ released: Tally) { self.released = released }
        deinit { released.add(1) }
      }
      let released = Tally()
      #expect(amy_test_limit_memory(1 << 20) == 0)
      let error = #expect(throws: SystemThreadError.self) {
        for _ in 0..<64 {
          let held = Held(released)
          _ = try SystemThread(named: "too many") { [held] in
            withExtendedLifetime(held) { Tally().wait(for: 1) }
          }
        }
      }
      // The threads that started keep theirs.
      #expect(released.value == 1)
      #expect(error?.code == .threadLimit || error?.code == .outOfMemory)
      #expect(error?.errno != nil)
    }
  }

  @Test("blocks the given signals and no others, whatever its creator blocks")
  func masks() throws {
    let (blocked, others): (Signals, Signals) = ([.user1, .hangUp], [.user2, .windowChange, .interrupt])
    let creator = try SystemThread(named: "creator", blocking: []) {
      others.block()
      let inner = try? SystemThread(named: "inner", blocking: blocked) {
        (blocked.areBlocked, (0..<64).allSatisfy { blocked.rawValue >> $0 & 1 == 1 || !Signals(rawValue: 1 << $0).areBlocked })
      }
      let result = inner?.join()
      let isRestored = others.areBlocked && !Signals.user1.areBlocked && !Signals.hangUp.areBlocked
      return (result?.0, result?.1, isRestored)
    }
    let (blocks, blocksNothingElse, isRestored) = creator.join()
    #expect(blocks == true)
    #expect(blocksNothingElse == true)
    #expect(isRestored)
  }

  @Test("blocks its creator's signals by default, and every blockable signal with .all")
  func inheritedMasks() throws {
    let creator = try SystemThread(named: "creator", blocking: []) {
      Signals.user2.block()
      let inherits = try? SystemThread(named: "inherits") { (Signals.user2.areBlocked, Signals.user1.areBlocked) }.join()
      let all = try? SystemThread(named: "all", blocking: .all) {
        ([.user1, .user2, .terminate, .interrupt, .child] as Signals).areBlocked
      }.join()
      let none = try? SystemThread(named: "none", blocking: []) { Signals.user2.areBlocked }.join()
      return (inherits?.0, inherits?.1, all, none)
    }
    let (inherited, other, all, none) = creator.join()
    #expect(inherited == true)
    #expect(other == false)
    #expect(all == true)
    #expect(none == false)
  }

  // No sanitizer supports threads in a forked child.
  @Test("that starts gets no signal before it has its mask", .enabled(if: sanitizer == nil))
  func noSignalMeanwhile() async {
    await #expect(processExitsWith: .success) {
      // One thread: any thread that takes a signal would end it.
      let result = inChild(.forked) {
        Signals.user1.block()
        for _ in 0..<200 {
          ProcessProbe.send(SIGUSR1)
          let thread = try? SystemThread(named: "masked", blocking: .all) { ProcessProbe.send(SIGUSR1) }
          if thread?.join() == nil { return 1 }
        }
        ProcessProbe.forget(SIGUSR1)
        return 0
      }
      #expect(result == 0)
    }
  }
}
