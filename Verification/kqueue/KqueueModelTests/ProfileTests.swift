#if KqueueModel
import Glibc
import KqueueModel
import Testing

extension Model {
  /// The differences between systems, by FACTS.md's letters and numbers.
  @Suite("Profiles")
  struct ProfileTests {
    static let all = ["freebsd", "xnu", "openbsd", "netbsd"]

    let pair: Pair

    init() throws { pair = try Pair() }

    @Test("there are four, and the process's is one of them")
    func names() {
      #expect(Self.all.contains(String(cString: kqueue_model_profile())))
      #expect(!kqueue_model_use_profile("plan9"))
      #expect(kqueue_model_use_profile(nil))
    }

    @Test("C9: enabling and disabling set udata, or EV_ADD alone does", arguments: all)
    func udata(_ profile: String) throws {
      let queue = try Queue(profile)
      let keeps = ["openbsd", "netbsd"].contains(profile)
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD, udata: 1))
      for flags in [EV_ENABLE, EV_DISABLE, EV_ENABLE] { queue.apply(change(pair.near, readFilter, flags, udata: 2)) }
      #expect(queue.events().map(\.tag) == [keeps ? 1 : 2])
      queue.apply(change(pair.near, readFilter, EV_ADD, udata: 3))
      #expect(queue.events().map(\.tag) == [3])
      queue.apply(change(pair.near, readFilter, EV_DELETE), change(pair.near, readFilter, EV_ADD, udata: 4))
      #expect(queue.events().map(\.tag) == [4])
    }

    @Test("C9: enabling an enabled event checks again, or does nothing", arguments: all)
    func enabledAgain(_ profile: String) throws {
      let queue = try Queue(profile)
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_CLEAR))
      #expect(queue.events().count == 1)
      queue.apply(change(pair.near, readFilter, EV_ENABLE))
      #expect(queue.events().count == (["openbsd", "netbsd"].contains(profile) ? 0 : 1))
    }

    @Test("C10: enabling a delivered and disabled event checks again, or does not", arguments: all)
    func enabled(_ profile: String) throws {
      let queue = try Queue(profile)
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_DISPATCH))
      #expect(queue.events().count == 1)
      queue.apply(change(pair.near, readFilter, EV_ENABLE))
      #expect(queue.events().count == (profile == "netbsd" ? 0 : 1))
    }

    @Test("C4, C5: contradictions are refused, or one of the two wins", arguments: all)
    func contradictions(_ profile: String) throws {
      let queue = try Queue(profile)
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD))
      let error = queue.apply(change(pair.near, readFilter, EV_ADD | EV_ENABLE | EV_DISABLE))
      #expect(error == (profile == "freebsd" ? EINVAL : 0))
      #expect(queue.events().count == (profile == "xnu" ? 0 : 1))
      #expect(queue.apply(change(pair.near, readFilter, EV_ADD | EV_KEEPUDATA)) == (profile == "freebsd" ? EINVAL : 0))
    }

    @Test("C7: EV_ADD with EV_DELETE", arguments: all)
    func addAndDelete(_ profile: String) throws {
      let queue = try Queue(profile)
      let both = change(pair.near, writeFilter, EV_ADD | EV_DELETE)
      #expect(queue.apply(both) == (profile == "xnu" ? ENOENT : 0))
      queue.apply(change(pair.near, writeFilter, EV_ADD))
      #expect(queue.apply(both) == 0)
      #expect(queue.events().count == (["openbsd", "netbsd"].contains(profile) ? 1 : 0))
    }

    @Test("E1, E3, E7: the content of receipts, and a receipt without room", arguments: all)
    func receipts(_ profile: String) throws {
      let queue = try Queue(profile)
      let receipt = try #require(queue.receipts(change(pair.near, writeFilter, EV_ADD | EV_RECEIPT)).first)
      #expect(receipt.has(EV_ERROR) && receipt.data == 0)
      #expect(receipt.has(EV_ADD) == (profile == "xnu"))
      queue.apply(change(pair.near, writeFilter, EV_ENABLE | EV_RECEIPT), change(pair.near, readFilter, EV_ADD))
      #expect(queue.apply(change(pair.near, readFilter, EV_DELETE)) == (profile == "xnu" ? 0 : ENOENT))
      #expect(queue.apply(change(999, readFilter, EV_DELETE)) == (profile == "xnu" ? ENOENT : EBADF))
      #expect(queue.apply(change(999, readFilter, EV_ADD)) == EBADF)
    }

    @Test("D9: two queues that watch one another", arguments: all)
    func circle(_ profile: String) throws {
      let queues = [try Queue(profile), try Queue(profile)]
      #expect(queues[0].apply(change(queues[1].number, readFilter, EV_ADD)) == 0)
      #expect(queues[1].apply(change(queues[0].number, readFilter, EV_ADD)) == (profile == "xnu" ? EINVAL : 0))
      pair.send()
      queues[1].apply(change(pair.near, readFilter, EV_ADD, udata: 5))
      #expect(queues[1].events().contains { $0.tag == 5 })
      #expect(queues[0].events().count == 1)
    }

    @Test("hundreds of queues may be watched by one, and this one by another")
    func manyQueues() throws {
      let (outer, middle) = (try Queue(), try Queue())
      #expect(outer.apply(change(middle.number, readFilter, EV_ADD)) == 0)
      let inner = try (0..<300).map { _ in try Queue() }
      for queue in inner { #expect(middle.apply(change(queue.number, readFilter, EV_ADD)) == 0) }
      inner[299].apply(change(1, userFilter, EV_ADD), change(1, userFilter, 0, fflags: UInt32(NOTE_TRIGGER)))
      #expect(outer.events().count == 1)
      #expect(middle.events().map(\.ident) == [UInt(inner[299].number)])
    }

    @Test("P1: the writer of a pipe without a reader", arguments: all)
    func brokenPipe(_ profile: String) throws {
      let queue = try Queue(profile)
      let pipe = try Pair(pipe: true)
      pipe.closeNear()
      let isWatched = ["xnu", "openbsd"].contains(profile)
      #expect(queue.apply(change(pipe.far, writeFilter, EV_ADD)) == (isWatched ? 0 : EPIPE))
      #expect(queue.events().map { $0.has(EV_EOF) } == (isWatched ? [true] : []))
    }

    @Test("P2: the wrong end of a pipe", arguments: all)
    func wrongEnd(_ profile: String) throws {
      let queue = try Queue(profile)
      let pipe = try Pair(pipe: true)
      #expect(queue.apply(change(pipe.near, writeFilter, EV_ADD), change(pipe.far, readFilter, EV_ADD)) == 0)
      let hasTwoWays = ["freebsd", "openbsd"].contains(profile)
      #expect(queue.events().map(\.filter) == (hasTwoWays ? [Int16(writeFilter)] : []))
      pipe.closeFar()
      #expect(queue.events().map { $0.has(EV_EOF) } == (profile == "netbsd" ? [] : [true]))
    }

    @Test("U0, U1, U2: user events, where there are any", arguments: all)
    func userEvents(_ profile: String) throws {
      let queue = try Queue(profile)
      let trigger = UInt32(NOTE_TRIGGER)
      let exists = ["freebsd", "xnu"].contains(profile)
      #expect(queue.apply(change(1, userFilter, EV_ADD | EV_CLEAR, fflags: trigger)) == (exists ? 0 : EINVAL))
      #expect(queue.events().count == (profile == "xnu" ? 1 : 0))
      queue.apply(change(1, userFilter, EV_CLEAR, fflags: trigger))
      #expect(queue.events().count == (profile == "xnu" ? 1 : 0))
    }

    @Test("T2, T6: a timer of zero", arguments: all)
    func noTime(_ profile: String) throws {
      let queue = try Queue(profile)
      let error = queue.apply(change(1, timerFilter, EV_ADD | EV_ONESHOT, data: 0))
      #expect(error == (profile == "netbsd" ? EINVAL : 0))
      #expect(queue.events(for: 5000).count == (profile == "netbsd" ? 0 : 1))
    }

    @Test("T6: timers are late, by ticks or by a callout's delay")
    func late() throws {
      let clock = ContinuousClock()
      for (profile, least) in [("freebsd", 1_150), ("openbsd", 10_000), ("netbsd", 10_000)] {
        let queue = try Queue(profile)
        let start = clock.now
        queue.apply(change(1, timerFilter, EV_ADD | EV_ONESHOT, fflags: UInt32(NOTE_USECONDS), data: 1000))
        #expect(queue.events(for: 5000).count == 1)
        #expect(start.duration(to: clock.now) >= .microseconds(least), "\(profile)")
      }
    }

    @Test("T7: timers are coalesced except critical ones, which other systems do not have")
    func coalesced() throws {
      let critical = UInt32(KQUEUE_MODEL_NOTE_CRITICAL)
      let timer = change(1, timerFilter, EV_ADD | EV_ONESHOT, fflags: critical, data: 10)
      for profile in Self.all { #expect(try Queue(profile).apply(timer) == (profile == "xnu" ? 0 : EINVAL)) }
      let queue = try Queue("xnu")
      let before = kqueue_model_coalesced_timers()
      queue.apply(change(1, timerFilter, EV_ADD | EV_ONESHOT, data: 10))
      #expect(kqueue_model_coalesced_timers() > before)
    }

    @Test("T3, T4: other settings of a timer", arguments: all)
    func settings(_ profile: String) throws {
      let queue = try Queue(profile)
      let isRefused = ["xnu", "openbsd"].contains(profile)
      #expect(queue.apply(change(1, timerFilter, EV_ADD, data: -1)) == (profile == "xnu" ? 0 : EINVAL))
      queue.apply(change(2, timerFilter, EV_ADD, data: 60_000))
      #expect(queue.apply(change(2, timerFilter, EV_ADD, fflags: 3, data: 1)) == (isRefused ? EINVAL : 0))
    }

    @Test("S1: a number that is no signal", arguments: all)
    func otherSignals(_ profile: String) throws {
      let error = try Queue(profile).apply(change(1000, CInt(EVFILT_SIGNAL), EV_ADD))
      #expect(error == (profile == "openbsd" ? EINVAL : 0))
    }

    @Test("X1: a child that has exited", arguments: all)
    func zombie(_ profile: String) throws {
      let queue = try Queue(profile)
      var child = pid_t()
      var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
      defer { free(arguments[0]) }
      try #require(posix_spawn(&child, "/bin/true", nil, nil, &arguments, nil) == 0)
      var info = siginfo_t()
      waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT)
      let error = queue.apply(change(child, CInt(EVFILT_PROC), EV_ADD, fflags: UInt32(NOTE_EXIT)))
      #expect(error == (profile == "freebsd" ? 0 : ESRCH))
      waitpid(child, nil, 0)
    }

    @Test("Q3: whether a queue is close-on-exec", arguments: all)
    func closesOnExec(_ profile: String) throws {
      let queue = try Queue(profile)
      #expect(fcntl(queue.number, F_GETFD) == (profile == "xnu" ? FD_CLOEXEC : 0))
    }
  }
}
#endif
