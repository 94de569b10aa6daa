#if KqueueModel
import CKqueueModelTests
import Glibc
import KqueueModel
import Testing

extension Model {
  @Suite("EVFILT_USER")
  struct UserTests {
    let queue: Queue
    let trigger = UInt32(NOTE_TRIGGER)

    init() throws { queue = try Queue() }

    @Test("is triggered for output with NOTE_TRIGGER, until cleared")
    func triggered() {
      queue.apply(change(1, userFilter, EV_ADD))
      #expect(queue.events().isEmpty)
      queue.apply(change(1, userFilter, 0, fflags: trigger))
      for _ in 0..<3 { #expect(queue.events().map(\.ident) == [1]) }
      #expect(queue.isReadable)
    }

    @Test("with EV_CLEAR triggers are delivered once, merged if there were several")
    func cleared() {
      queue.apply(change(1, userFilter, EV_ADD | EV_CLEAR))
      for _ in 0..<3 { queue.apply(change(1, userFilter, 0, fflags: trigger)) }
      #expect(queue.events().count == 1)
      #expect(queue.events().isEmpty)
    }

    @Test("the lower 24 bits of fflags: copy, or, and, or nothing")
    func flags() {
      queue.apply(
        change(1, userFilter, EV_ADD, fflags: 0xff),
        change(1, userFilter, 0, fflags: UInt32(NOTE_FFAND) | 0x0f),
        change(1, userFilter, 0, fflags: UInt32(NOTE_FFOR) | 0xf00),
        change(1, userFilter, 0, fflags: UInt32(NOTE_FFNOP) | trigger | 0xffff))
      #expect(queue.events().map(\.fflags) == [0xf0f])
      queue.apply(change(1, userFilter, 0, fflags: UInt32(NOTE_FFCOPY) | 0x123, data: 77))
      #expect(queue.events().map(\.fflags) == [0x123])
      #expect(queue.events().map(\.data) == [77])
    }

    @Test("U1: NOTE_TRIGGER in the change that adds it is lost")
    func triggerOnAdding() {
      queue.apply(change(1, userFilter, EV_ADD, fflags: trigger))
      #expect(queue.events().isEmpty)
    }

    @Test("U2: EV_CLEAR in a change resets the trigger, also its own")
    func triggerWithClear() {
      queue.apply(change(1, userFilter, EV_ADD | EV_CLEAR))
      queue.apply(change(1, userFilter, EV_CLEAR, fflags: trigger))
      #expect(queue.events().isEmpty)
    }

    @Test("a disabled event remembers its trigger")
    func disabled() {
      queue.apply(change(1, userFilter, EV_ADD | EV_CLEAR | EV_DISABLE))
      queue.apply(change(1, userFilter, 0, fflags: trigger))
      #expect(queue.events().isEmpty)
      queue.apply(change(1, userFilter, EV_ENABLE))
      #expect(queue.events().count == 1)
    }
  }

  @Suite("EVFILT_TIMER")
  struct TimerTests {
    let queue: Queue
    let clock = ContinuousClock()

    init() throws { queue = try Queue() }

    @Test(
      "units: seconds, milliseconds by default, microseconds, nanoseconds",
      arguments: [
        (UInt32(0), 20), (UInt32(NOTE_MSECONDS), 20), (UInt32(NOTE_USECONDS), 20_000), (UInt32(NOTE_NSECONDS), 20_000_000),
      ])
    func units(_ unit: UInt32, _ amount: Int) {
      let start = clock.now
      queue.apply(change(1, timerFilter, EV_ADD | EV_ONESHOT, fflags: unit, data: amount, udata: 3))
      #expect(queue.events(for: 5000).map(\.tag) == [3])
      #expect(start.duration(to: clock.now) >= .milliseconds(20))
      #expect(start.duration(to: clock.now) < .milliseconds(1000))
      #expect(queue.apply(change(1, timerFilter, EV_DELETE)) == ENOENT, "one shot")
    }

    @Test("seconds")
    func seconds() {
      queue.apply(change(1, timerFilter, EV_ADD | EV_ONESHOT, fflags: UInt32(NOTE_SECONDS), data: 1))
      #expect(queue.events(for: 900).isEmpty)
      #expect(queue.events(for: 5000).map(\.data) == [1])
    }

    @Test("is periodic unless EV_ONESHOT; data is the number of times since the last call; EV_CLEAR is set internally")
    func periodic() throws {
      queue.apply(change(1, timerFilter, EV_ADD, data: 10))
      #expect(queue.events(for: 1000).map { $0.has(EV_CLEAR) } == [true])
      usleep(55_000)
      let event = try #require(queue.events().first)
      #expect(event.data >= 4)
      #expect(queue.events().isEmpty)
      #expect(queue.events(for: 1000).count == 1)
    }

    @Test("re-adding cancels it, discards what was not delivered, and starts again")
    func again() {
      queue.apply(change(1, timerFilter, EV_ADD | EV_ONESHOT, data: 1))
      usleep(5000)
      #expect(queue.isReadable)
      queue.apply(change(1, timerFilter, EV_ADD, data: 60_000, udata: 1))
      #expect(queue.events().isEmpty)
      let start = clock.now
      queue.apply(change(1, timerFilter, EV_ADD, fflags: UInt32(NOTE_USECONDS), data: 30_000, udata: 2))
      #expect(queue.events(for: 5000).map(\.tag) == [2])
      #expect(start.duration(to: clock.now) >= .milliseconds(30))
    }

    @Test("T4: the count while disabled is discarded as well; enabling alone keeps it")
    func againWhileDisabled() {
      queue.apply(change(1, timerFilter, EV_ADD | EV_DISABLE, data: 1))
      usleep(5000)
      #expect(queue.events().isEmpty)
      queue.apply(change(1, timerFilter, EV_ENABLE))
      #expect(queue.events().first?.data ?? 0 >= 4)
      queue.apply(change(1, timerFilter, EV_DISABLE))
      usleep(5000)
      #expect(queue.events().isEmpty)
      queue.apply(change(1, timerFilter, EV_ADD | EV_ENABLE, data: 60_000))
      #expect(queue.events().isEmpty)
    }

    @Test("NOTE_ABSTIME: the moment is absolute; T1: it fires once, and stays without EV_CLEAR", arguments: [-1000, 20])
    func absolute(_ offset: Int) {
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      let moment = now.tv_sec * 1000 + now.tv_nsec / 1_000_000 + offset
      let flags = UInt32(NOTE_ABSTIME | NOTE_MSECONDS)
      queue.apply(change(1, timerFilter, EV_ADD, fflags: flags, data: moment))
      #expect(queue.events(for: 5000).map(\.data) == [1])
      #expect(queue.events().count == 1)
    }

    @Test("T2: zero repeats every unit; once, it fires at once")
    func zero() {
      queue.apply(change(1, timerFilter, EV_ADD | EV_ONESHOT, data: 0), change(2, timerFilter, EV_ADD, data: 0))
      #expect(queue.events(room: 1, for: 1000).map(\.ident) == [1])
      #expect(queue.events(for: 1000).map(\.ident) == [2])
      #expect(queue.events(for: 1000).map(\.ident) == [2])
    }

    @Test("T3: EINVAL: negative, two units, unknown flags")
    func invalid() {
      #expect(queue.apply(change(1, timerFilter, EV_ADD, data: -1)) == EINVAL)
      #expect(queue.apply(change(1, timerFilter, EV_ADD, fflags: 3, data: 1)) == EINVAL)
      #expect(queue.apply(change(1, timerFilter, EV_ADD, fflags: 0x100, data: 1)) == EINVAL)
    }

    @Test("T3: an invalid new setting is delivered as an event, since the change succeeds")
    func invalidAgain() {
      queue.apply(change(1, timerFilter, EV_ADD, data: 60_000))
      #expect(queue.apply(change(1, timerFilter, EV_ADD, data: -1)) == 0)
      #expect(queue.events().map { $0.has(EV_ERROR) && $0.data == Int64(EINVAL) } == [true])
    }

    @Test("the longest never fires, and deleting stops it", arguments: [UInt32(NOTE_SECONDS), UInt32(NOTE_NSECONDS)])
    func longest(_ unit: UInt32) {
      #expect(queue.apply(change(1, timerFilter, EV_ADD, fflags: unit, data: .max)) == 0)
      #expect(queue.events(for: 5).isEmpty)
      queue.apply(change(2, timerFilter, EV_ADD, data: 1), change(2, timerFilter, EV_DELETE))
      #expect(queue.events(for: 5).isEmpty)
    }
  }

  @Suite("EVFILT_SIGNAL and EVFILT_PROC")
  struct ProcessTests {
    /// Blocks a signal in this thread, and sends it only there: the process's other threads do not block it.
    private func block(_ signal: CInt) -> sigset_t {
      var set = sigset_t()
      sigemptyset(&set)
      sigaddset(&set, signal)
      pthread_sigmask(SIG_BLOCK, &set, nil)
      return set
    }

    private func take(_ set: sigset_t) -> CInt {
      var (set, time) = (set, timespec())
      return sigtimedwait(&set, nil, &time)
    }

    @Test("a signal is delivered with the number of times; EV_CLEAR is set internally; S2: it stays pending")
    func signals() throws {
      let set = block(SIGUSR1)
      let queue = try Queue()
      #expect(queue.apply(change(SIGUSR1, CInt(EVFILT_SIGNAL), EV_ADD, udata: 4)) == 0)
      #expect(queue.events().isEmpty)
      for _ in 0..<3 {
        pthread_kill(pthread_self(), SIGUSR1)
        #expect(queue.isReadable)
        let event = try #require(queue.events().first)
        #expect(event.data == 1 && event.tag == 4 && event.ident == UInt(SIGUSR1))
        #expect(event.has(EV_CLEAR))
        #expect(queue.events().isEmpty && !queue.isReadable, "delivered once, though it is pending")
        #expect(take(set) == SIGUSR1)
        #expect(take(set) < 0)
        #expect(queue.events().isEmpty)
      }
    }

    @Test("S3: each queue reports a signal, whoever takes it")
    func takers() throws {
      let set = block(SIGUSR2)
      let queues = [try Queue(), try Queue(), try Queue("openbsd")]
      for queue in queues { queue.apply(change(SIGUSR2, CInt(EVFILT_SIGNAL), EV_ADD)) }
      for _ in 0..<3 {
        pthread_kill(pthread_self(), SIGUSR2)
        #expect(queues[0].events().map(\.data) == [1])
        #expect(take(set) == SIGUSR2)
        for queue in queues[1...] { #expect(queue.events().map(\.data) == [1]) }
        for queue in queues { #expect(queue.events().isEmpty) }
      }
    }

    @Test("S5: a signal is counted as it is sent, also while it is pending and not taken", arguments: ProfileTests.all)
    func pendingSignals(_ profile: String) throws {
      for signal in [SIGUSR1, 40] {
        try #require(kqueue_model_use_profile(profile))
        #expect(kqueue_model_test_pending(signal) == 0, "signal \(signal)")
        _ = kqueue_model_use_profile(nil)
      }
    }

    @Test("NOTE_EXIT: the exit status is in data, also of a child that has already exited; it can still be waited for")
    func exits() throws {
      let queue = try Queue()
      let proc = CInt(EVFILT_PROC)
      for isLate in [false, true] {
        var child = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = ["/bin/sh", "-c", "sleep 0.05; exit 3"].map { (text: String) in
          strdup(text)
        }
        arguments.append(nil)
        try #require(posix_spawn(&child, "/bin/sh", nil, nil, &arguments, nil) == 0)
        arguments.forEach { free($0) }
        if isLate { usleep(150_000) }
        #expect(queue.apply(change(child, proc, EV_ADD, fflags: UInt32(NOTE_EXIT), udata: 6)) == 0)
        let event = try #require(queue.events(for: 10_000).first)
        #expect(event.data == 3 << 8)
        #expect(event.fflags == UInt32(NOTE_EXIT))
        #expect(event.has(EV_EOF) && event.has(EV_ONESHOT))
        #expect(queue.apply(change(child, proc, EV_DELETE)) == ENOENT)
        var status: CInt = 0
        #expect(waitpid(child, &status, 0) == child)
        #expect(Int64(status) == event.data)
      }
    }

    @Test("ESRCH: the specified process does not exist")
    func noProcess() throws {
      let queue = try Queue()
      #expect(queue.apply(change(0x3fff_ffff, CInt(EVFILT_PROC), EV_ADD, fflags: UInt32(NOTE_EXIT))) == ESRCH)
    }
  }
}
#endif
