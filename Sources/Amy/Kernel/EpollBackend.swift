#if os(Linux) || os(Android)

internal import CAmy
internal import Synchronization

/// epoll(7): the kernel's own queue, which `epoll_ctl` changes from any thread without waking those in `epoll_wait`.
///
/// It returns 64 bits of ours with each event, so no table is needed: 60 bits of id, then the interest in the low four.
package struct EpollBackend: Backend, ~Copyable {
  private let queue: CInt
  /// Watched by edge: each write makes one wait return, writes before that count as one, and nothing has to be read.
  private let waker: CInt
  private let forkDetector: ForkDetector

  /// A timerfd, or -1 until there is an alarm to set; also watched by edge and never read.
  private let clock = Atomic<CInt>(-1)

  /// User data that belong to no id.
  private static let wakerData = Watch.own
  private static let alarmData = Watch.own | 1 << 2

  /// Three system calls.
  package init(_ forkDetector: ForkDetector) throws(PollerError) {
    let queue = try check(amy_epoll_create(), of: .open)
    let waker = amy_eventfd_create()
    let watched =
      waker < 0 ? waker : amy_epoll_control(queue, Change.add.rawValue, waker, Self.readable | Watch.edge, Self.wakerData)
    guard watched >= 0 else {
      if waker >= 0 { _ = amy_close(waker) }
      _ = amy_close(queue)
      throw PollerError(result: watched, of: waker < 0 ? .open : .change)
    }
    self.queue = queue
    self.waker = waker
    self.forkDetector = forkDetector
  }

  /// Closes nothing in a forked child, which may have reused the numbers.
  deinit {
    if forkDetector.isForked { return }
    let clock = clock.load(ordering: .relaxed)
    if clock >= 0 { _ = amy_close(clock) }
    _ = amy_close(waker)
    _ = amy_close(queue)
  }

  package var now: UInt64 { amy_clock_now() }

  package var descriptor: CInt { queue }

  @inline(__always)
  package func change(_ descriptor: CInt, _ change: Change, _ watch: Watch) -> SystemCallResult {
    amy_epoll_control(queue, change.rawValue, descriptor, watch.events, watch.data)
  }

  package func wake() -> SystemCallResult {
    amy_eventfd_add_one(waker)
  }

  /// Watches the waker by level, which ends each wait: the kernel passes it from sleeper to sleeper.
  package func wakePermanently() {
    _ = amy_eventfd_add_one(waker)
    _ = amy_epoll_control(queue, Change.modify.rawValue, waker, Self.readable, Self.wakerData)
  }

  /// One system call, and two more the first time; one caller at a time.
  package func setAlarm(_ time: UInt64) -> SystemCallResult {
    var clock = clock.load(ordering: .relaxed)
    if clock < 0 {
      clock = amy_timerfd_create()
      if clock < 0 { return clock }
      let watched = amy_epoll_control(queue, Change.add.rawValue, clock, Self.readable | Watch.edge, Self.alarmData)
      guard watched >= 0 else {
        _ = amy_close(clock)
        return watched
      }
      self.clock.store(clock, ordering: .relaxed)
    }
    return amy_timerfd_set(clock, time)
  }

  /// One system call, and nothing allocated: the kernel writes into the caller's buffer.
  ///
  /// Its entries, no longer than an `Event`, go to the end of the room and become events from the front on: writing never
  /// overtakes reading.
  @inline(__always)
  package func wait(into events: inout EventBuffer, after count: Int, for nanoseconds: UInt64) -> WaitResult {
    let limit = events.capacity &- count
    let room = unsafe events.room
    let start = unsafe room + (events.capacity &* MemoryLayout<Event>.stride &- limit &* Self.entryStride)
    let result = unsafe amy_epoll_wait(queue, start, CInt(truncatingIfNeeded: limit), nanoseconds)
    guard result > 0 else {
      events.count = count
      return WaitResult(result: result, flags: .other)
    }
    events.count = count &+ Int(result)
    var entries = unsafe EpollEntries(start, count: result, becoming: room + count &* MemoryLayout<Event>.stride)
    // The common path: only requested events, of the caller's descriptors.
    repeat {
      let (reported, data) = entries.first
      if data & Watch.own != 0 || reported > UInt32(Watch.interestMask) { return Self.translate(entries, result, &events) }
      entries.become(data, .ready(Readiness(rawValue: UInt8(truncatingIfNeeded: reported))))
    } while !entries.isEmpty
    return WaitResult(result: 1, flags: [])
  }

  @inline(never)
  private static func translate(
    _ rest: EpollEntries, _ result: SystemCallResult, _ events: inout EventBuffer
  ) -> WaitResult {
    var entries = rest
    var flags: WaitResult.Flags = []
    repeat {
      let (reported, data) = entries.first
      let interest = Interest(rawValue: UInt8(truncatingIfNeeded: data) & Watch.interestMask)
      if data == wakerData || data == alarmData {
        flags.insert(data == wakerData ? .waker : .alarm)
        entries.drop()
      } else if data & Watch.own != 0 {
        flags.insert(.internalDescriptor)
        entries.become(data, .process)
      } else if reported <= UInt32(Watch.interestMask) {
        // Requested conditions already have readiness's bits.
        entries.become(data, .ready(Readiness(rawValue: UInt8(truncatingIfNeeded: reported))))
      } else if interest.isEmpty {
        flags.insert(.other)
        entries.drop()
      } else {
        entries.become(data, .ready(Readiness(epoll: reported, interest: interest)))
      }
    } while !entries.isEmpty
    events.count = unsafe (entries.room - events.room) / MemoryLayout<Event>.stride
    return WaitResult(result: result, flags: flags)
  }

  /// Bytes that the kernel writes for each event.
  package static var entryStride: Int { Int(amy_epoll_stride) }
  private static var readable: UInt32 { UInt32(Interest.readable.rawValue) }
}

/// From the next one on, with the room for their events.
@safe
private struct EpollEntries {
  private var entry: UnsafeMutableRawPointer
  private var count: UInt32
  private(set) var room: UnsafeMutableRawPointer

  @inline(__always)
  init(_ start: UnsafeMutableRawPointer, count: CInt, becoming room: UnsafeMutableRawPointer) {
    unsafe (entry, self.count, self.room) = (start, UInt32(bitPattern: count), room)
  }

  @inline(__always)
  var isEmpty: Bool { count == 0 }

  @inline(__always)
  var first: (reported: UInt32, data: UInt64) {
    unsafe (entry.load(as: UInt32.self), entry.loadUnaligned(fromByteOffset: Int(amy_epoll_data_offset), as: UInt64.self))
  }

  @inline(__always)
  mutating func drop() {
    unsafe entry += EpollBackend.entryStride
    count &-= 1
  }

  @inline(__always)
  mutating func become(_ data: UInt64, _ kind: Event.Kind) {
    unsafe room.initializeMemory(as: Event.self, to: Event(id: Event.ID(assuming: data &>> 4), kind: kind))
    unsafe room += MemoryLayout<Event>.stride
    drop()
  }
}

extension Readiness {
  /// A hang-up or an error.
  @inline(__always)
  fileprivate init(epoll reported: UInt32, interest: Interest) {
    var bits = UInt8(truncatingIfNeeded: reported) & interest.rawValue
    if reported & (amy_epoll_error | amy_epoll_hang_up) != 0 { bits = interest.rawValue }
    if reported & amy_epoll_error != 0 { bits |= Readiness.error.rawValue }
    if reported & (amy_epoll_hang_up | amy_epoll_peer_closed) != 0, interest.contains(.readable) {
      bits |= Readiness.readClosed.rawValue
    }
    if reported & amy_epoll_hang_up != 0, interest.contains(.writable) { bits |= Readiness.writeClosed.rawValue }
    self.init(rawValue: bits)
  }
}

#endif
