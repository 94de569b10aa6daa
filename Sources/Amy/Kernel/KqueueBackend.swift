#if KqueueModel || canImport(Darwin) || os(FreeBSD) || os(OpenBSD)

internal import CAmy
internal import Synchronization

/// kqueue(2): two filters for each descriptor, made to look like one registration.
///
/// The user data name a slot and its generation. An event of another generation is dropped, and one of trigger `once` belongs
/// to the waiter that claims it: ``KqueueSlot``, `Documentation/decisions/0012-once-for-both-directions-on-kqueue.md`.
/// `KqueueBackend+Change` changes the filters.
package struct KqueueBackend: Backend, ~Copyable {
  internal let queue: CInt
  internal let table = KqueueTable()
  private let waker: amy_kqueue_waker
  private let forkDetector: ForkDetector
  /// Waits whose entries were all dropped.
  private let vain = Atomic<UInt32>(0)

  /// Three system calls.
  package init(_ forkDetector: ForkDetector) throws(PollerError) {
    let queue = try check(amy_kqueue_create(), of: .open)
    var waker = amy_kqueue_waker(writer: -1, reader: -1)
    let watched = unsafe amy_kqueue_waker_make(queue, &waker)
    guard watched >= 0 else {
      _ = amy_close(queue)
      throw PollerError(result: watched, of: .open)
    }
    self.queue = queue
    self.waker = waker
    self.forkDetector = forkDetector
  }

  /// Closes nothing in a forked child, which does not inherit a kqueue: the number is unused or something else's.
  deinit {
    if forkDetector.isForked { return }
    amy_kqueue_waker_close(waker)
    _ = amy_close(queue)
  }

  package var now: UInt64 { amy_clock_now() }

  package var descriptor: CInt { queue }

  /// Bytes that the kernel writes for each event.
  package static var entryStride: Int { Int(amy_kqueue_stride) }

  package func change(_ descriptor: CInt, _ change: Change, _ watch: Watch) -> SystemCallResult {
    switch change {
    case .add: add(descriptor, watch)
    case .modify: modify(descriptor, watch)
    case .remove: remove(descriptor)
    }
  }

  package func wake() -> SystemCallResult {
    amy_kqueue_waker_signal(queue, waker)
  }

  package func wakePermanently() {
    amy_kqueue_waker_signal_permanently(queue, waker)
  }

  /// One system call.
  ///
  /// Takes a span, since kernels measure an absolute time differently; the caller handles an early alarm. A time that has
  /// passed gets no alarm, and the caller signals the waker: a timer of no length is late on some kernels, and refused by
  /// others.
  package func setAlarm(_ time: UInt64) -> SystemCallResult {
    let now = now
    return time > now ? amy_kqueue_set_alarm(queue, time &- now) : amy_is_due
  }

  /// One system call, and nothing allocated: the kernel writes into the caller's buffer, which has room for its entries.
  ///
  /// They are longer than events, and become events in place, from the front on.
  package func wait(into events: inout EventBuffer, after count: Int, for nanoseconds: UInt64) -> WaitResult {
    events.count = count
    let room = unsafe events.room + count &* MemoryLayout<Event>.stride
    let result = unsafe amy_kqueue_wait(queue, room, CInt(truncatingIfNeeded: events.capacity &- count), nanoseconds)
    guard result > 0 else { return WaitResult(result: result, flags: .other) }
    var flags: WaitResult.Flags = []
    for position in 0..<Int(result) {
      let entry = unsafe amy_kqueue_event_at(room, position)
      switch entry.token {
      case amy_kqueue_waker_token: flags.insert(.waker)
      case amy_kqueue_alarm_token: flags.insert(.alarm)
      default: if take(entry, into: &events) { flags.insert(.internalDescriptor) }
      }
    }
    if flags.contains(.waker) { amy_kqueue_waker_drain(queue, waker) }
    if events.count == count {
      if flags.isEmpty { unsafe reportedSpuriously(room, result) }
      flags.insert(.other)
    }
    return WaitResult(result: result, flags: flags)
  }

  /// All entries were dropped, as happens while a registration is changed; every 64th such wait repairs the filters.
  @inline(never)
  private func reportedSpuriously(_ room: UnsafeMutableRawPointer, _ count: SystemCallResult) {
    guard vain.wrappingAdd(1, ordering: .relaxed).newValue % 64 == 0 else { return }
    for position in 0..<Int(count) {
      let descriptor = unsafe amy_kqueue_reported_again(room, position)
      if descriptor >= 0 { repair(descriptor) }
    }
  }

  /// Makes an event of a filter's entry, adds it to its sibling's, or drops it; returns whether it is of an internal
  /// descriptor.
  @inline(__always)
  private func take(_ entry: amy_kqueue_event, into events: inout EventBuffer) -> Bool {
    let token = KqueueToken(rawValue: entry.token)
    // The entry lies in the buffer's memory, and was read already.
    var count = events.count
    let room = unsafe events.room
    let isOwned = table.withSlot(token.descriptor) { slot in
      let data: UInt64
      let isNew: Bool
      switch slot.claim(token.generation, of: UInt8(truncatingIfNeeded: entry.what)) {
      case .stale: return false
      case .claimed(let claimed): (data, isNew) = (claimed, true)
      case .silent(let silent): (data, isNew) = (silent, false)
      }
      let id = Event.ID(assuming: data &>> 4)
      let interest = Interest(rawValue: UInt8(truncatingIfNeeded: data) & Watch.interestMask)
      var readiness = Readiness(kqueue: entry.what, interest: interest)
      var position = slot.lastPosition
      let stride = MemoryLayout<Event>.stride
      if position < count, case let sibling = unsafe room.load(fromByteOffset: position &* stride, as: Event.self),
        // A timer may have the same id.
        sibling.id == id, case .ready = sibling.kind
      {
        readiness.formUnion(sibling.readiness)
      } else if isNew {
        position = count
        slot.lastPosition = position
        count &+= 1
      } else {
        return false
      }
      let isOwned = data & Watch.own != 0
      let event = Event(id: id, kind: isOwned ? .process : .ready(readiness))
      unsafe (room + position &* stride).initializeMemory(as: Event.self, to: event)
      return isOwned
    }
    events.count = count
    return isOwned == true
  }
}

extension Readiness {
  /// A filter reports its own direction; an error is of both.
  @inline(__always)
  fileprivate init(kqueue what: UInt32, interest: Interest) {
    var bits = UInt8(truncatingIfNeeded: what) & interest.rawValue
    if what > UInt32(Watch.interestMask) {
      let isError = what & amy_kqueue_error != 0
      let hasEnded = what & amy_kqueue_end != 0
      if isError { bits = interest.rawValue | Readiness.error.rawValue }
      // A socket that ended by an error has ended in both directions: sys/kern/uipc_socket.c, soisdisconnected.
      if hasEnded, isError || what & amy_kqueue_readable != 0, interest.contains(.readable) {
        bits |= Readiness.readClosed.rawValue
      }
      if hasEnded, isError || what & amy_kqueue_writable != 0, interest.contains(.writable) {
        bits |= Readiness.writeClosed.rawValue
      }
    }
    self.init(rawValue: bits)
  }
}

#endif
