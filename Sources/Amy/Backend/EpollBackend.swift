#if os(Linux) || os(Android)

  internal import CAmy
  internal import SystemPackage

  /// epoll(7): the kernel's own queue, changed by `epoll_ctl` from any thread without waking whoever sleeps in `epoll_wait`.
  ///
  /// The kernel keeps 64 bits for each descriptor and hands them back with each event. Ours hold the id and the interest, so
  /// that an event is understood without a table: 60 bits of id, then the interest in the low four.
  package struct EpollBackend: Backend, ~Copyable {
    private let queue: CInt
    /// Wakes whoever waits. Watched by edge: each write makes one wait return, several before that are one, and it never has
    /// to be read.
    private let bell: CInt
    private let witness: ForkWitness

    /// The bell's user data. No id is zero.
    private static let bellData: UInt64 = 0

    /// Three system calls.
    package init(_ witness: ForkWitness) throws(PollerError) {
      let queue = try check(amy_epoll_create())
      let bell = amy_eventfd_create()
      let watched =
        bell < 0 ? bell : amy_epoll_control(queue, CInt(amy_epoll_add), bell, Self.readable | amy_epoll_edge, Self.bellData)
      guard watched >= 0 else {
        if bell >= 0 { _ = amy_close(bell) }
        _ = amy_close(queue)
        throw PollerError(result: watched)
      }
      self.queue = queue
      self.bell = bell
      self.witness = witness
    }

    /// In a forked child the numbers stay as they are: it may have closed them and opened something else.
    deinit {
      if witness.isForked { return }
      _ = amy_close(bell)
      _ = amy_close(queue)
    }

    package var now: UInt64 { amy_clock_now() }

    package var descriptor: CInt { queue }

    package func add(_ descriptor: CInt, _ watch: Watch) throws(PollerError) {
      try control(CInt(amy_epoll_add), descriptor, watch.epollEvents, watch.epollData)
    }

    package func modify(_ descriptor: CInt, _ watch: Watch) throws(PollerError) {
      try control(CInt(amy_epoll_modify), descriptor, watch.epollEvents, watch.epollData)
    }

    package func remove(_ descriptor: CInt) throws(PollerError) {
      try control(CInt(amy_epoll_remove), descriptor, 0, 0)
    }

    package func wake() throws(PollerError) {
      try check(amy_eventfd_add_one(bell))
    }

    /// A bell that rings by level ends each wait: the kernel passes it from one sleeper to the next.
    package func wakeForGood() {
      _ = amy_eventfd_add_one(bell)
      _ = amy_epoll_control(queue, CInt(amy_epoll_modify), bell, Self.readable, Self.bellData)
    }

    /// One system call, and nothing allocated: the kernel writes into the free room of the caller's array.
    ///
    /// What the kernel writes is no longer than an `Event`. It goes to the end of the room, and is turned into events from the
    /// front on, so that the writing never overtakes the reading.
    package func wait(into events: inout [Event], atMost limit: Int, for nanoseconds: UInt64) -> Harvest {
      var harvest = Harvest(result: 0)
      events.append(addingCapacity: limit) { room in
        unsafe room.withUnsafeMutableBufferPointer { buffer, count in
          let first = unsafe buffer.baseAddress.unsafelyUnwrapped
          let spare = limit &* (MemoryLayout<Event>.stride &- Int(amy_epoll_stride))
          var entry = unsafe UnsafeMutableRawPointer(first).advanced(by: spare)
          let result = unsafe amy_epoll_wait(queue, entry, CInt(truncatingIfNeeded: limit), nanoseconds)
          var isWoken = false
          var next = unsafe first
          var remaining = result
          while remaining > 0 {
            let flags = unsafe entry.load(as: UInt32.self)
            let data = unsafe entry.loadUnaligned(fromByteOffset: Int(amy_epoll_data_offset), as: UInt64.self)
            unsafe entry += Int(amy_epoll_stride)
            remaining &-= 1
            var readiness = Readiness(rawValue: UInt8(truncatingIfNeeded: flags))
            // The bell, or more than what was asked for: hang-ups and errors.
            if flags > UInt32(Interest.all.rawValue) || data == Self.bellData {
              if data == Self.bellData {
                isWoken = true
                continue
              }
              let interest = Interest(rawValue: UInt8(truncatingIfNeeded: data) & Interest.all.rawValue)
              if interest.isEmpty { continue }
              readiness = Readiness(epoll: flags, interest: interest)
            }
            unsafe next.initialize(to: Event(id: Event.ID(assuming: data >> 4), kind: .ready(readiness)))
            unsafe next += 1
          }
          unsafe count = next - first
          harvest = Harvest(result: result, isWoken: isWoken)
        }
      }
      return harvest
    }

    private static var readable: UInt32 { UInt32(Interest.readable.rawValue) }

    @inline(__always)
    private func control(
      _ operation: CInt, _ descriptor: CInt, _ events: UInt32, _ data: UInt64
    ) throws(PollerError) {
      let result = amy_epoll_control(queue, operation, descriptor, events, data)
      guard result >= 0 else { throw PollerError(control: result) }
    }
  }

  extension Watch {
    /// Interest has the kernel's own bits. Whoever reads also wants to know that the peer stopped writing. Interest in nothing
    /// is armed to fire once, since the kernel reports hang-ups whether they were asked for or not: by level they would for ever.
    fileprivate var epollEvents: UInt32 {
      let directions = UInt32(interest.rawValue) | (interest.contains(.readable) ? amy_epoll_peer_closed : 0)
      if interest.isEmpty { return amy_epoll_one_shot }
      return switch trigger {
      case .once: directions | amy_epoll_one_shot
      case .edge: directions | amy_epoll_edge
      case .level: directions
      }
    }

    fileprivate var epollData: UInt64 {
      id.rawValue << 4 | UInt64(interest.rawValue)
    }
  }

  extension Readiness {
    /// The uncommon case: the kernel told more than readiness.
    @inline(never)
    fileprivate init(epoll flags: UInt32, interest: Interest) {
      var readiness = Readiness(rawValue: UInt8(truncatingIfNeeded: flags) & Interest.all.rawValue)
      let isHangUp = flags & amy_epoll_hang_up != 0
      let isError = flags & amy_epoll_error != 0
      if isHangUp || isError { readiness.formUnion(Readiness(rawValue: interest.rawValue)) }
      if isError { readiness.insert(.error) }
      if isHangUp || flags & amy_epoll_peer_closed != 0, interest.contains(.readable) { readiness.insert(.readClosed) }
      if isHangUp, interest.contains(.writable) { readiness.insert(.writeClosed) }
      self = readiness
    }
  }

  extension PollerError {
    /// What epoll_ctl(2) means by its errors.
    @inline(never)
    fileprivate init(control result: SystemCallResult) {
      let general = PollerError(result: result)
      let code: Code =
        switch general.errno {
        case .fileExists: .alreadyRegistered
        case .noSuchFileOrDirectory: .notRegistered
        // EPERM is a file that has no poll; EINVAL the queue itself.
        case .notPermitted, .invalidArgument: .notPollable
        case .tooManySymbolicLinkLevels: .nestedTooDeeply
        case .noSpace: .watchLimit
        default: general.code
        }
      self.init(code, errno: general.errno)
    }
  }

#endif
