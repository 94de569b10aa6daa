#if KqueueModel || canImport(Darwin) || os(FreeBSD) || os(OpenBSD)

internal import CAmy

// Each change is one kevent(2) while nothing fails, with a receipt for each filter.
extension KqueueBackend {
  /// All or nothing; first rejects files that kqueue would wait for and epoll would not.
  internal func add(_ descriptor: CInt, _ watch: Watch) -> SystemCallResult {
    if descriptor == queue { return amy_is_the_queue }
    let checked = amy_kqueue_check(descriptor)
    if checked < 0 { return checked }
    if watch.interest.contains(.priority) { return amy_not_supported }
    table.makeSlot(Int(descriptor))
    return table.withSlot(Int(descriptor)) { slot in
      slot.withRegistration { registration in
        if registration.trigger != nil, !isStale(descriptor, slot, registration) { return amy_already_registered }
        registration = KqueueSlot.Registration()
        let result = attach(descriptor, slot, &registration, watch.data, watch.trigger)
        registration.isShared = result >= 0 && watch.isShared
        return result
      }
    } ?? amy_no_memory
  }

  internal func modify(_ descriptor: CInt, _ watch: Watch) -> SystemCallResult {
    let interest = watch.interest
    return withRegistration(descriptor) { slot, registration, trigger in
      // As epoll does: code that runs here runs there.
      if registration.isShared {
        return isStale(descriptor, slot, registration) ? amy_not_registered : amy_cannot_be_changed
      }
      if interest.contains(.priority) { return amy_not_supported }
      // Interest in nothing says nothing about the trigger.
      let wanted = interest.isEmpty ? trigger : watch.trigger
      if wanted != trigger || Self.renewsFilters {
        return replace(descriptor, slot, &registration, watch.data, from: trigger, to: wanted)
      }
      let missing = interest.subtracting(registration.filters)
      if !missing.isEmpty {
        // First and silent: nothing has to be undone if the kernel refuses.
        let attached = attachMissing(missing, descriptor, slot, &registration, trigger)
        if attached < 0 { return attached }
      }
      let generation = slot.publish(watch.data, trigger)
      let receipts = control(descriptor, generation, registration.filters, interest, [], trigger)
      let result = min(receipts.read, receipts.write)
      // This fails only for a closed descriptor, of which nothing is registered.
      if result < 0 { forget(descriptor, slot, &registration) }
      return result
    }
  }

  /// Removes each filter, whatever becomes of the other; a missing one needs no removing.
  internal func remove(_ descriptor: CInt) -> SystemCallResult {
    withRegistration(descriptor) { slot, registration, _ in
      forget(descriptor, slot, &registration)
    }
  }
}

extension KqueueBackend {
  /// Whether to make filters anew: the kernel would report changed ones under the old generation.
  ///
  /// See `Documentation/decisions/0050-filters-made-anew.md`.
  private static var renewsFilters: Bool { amy_kqueue_keeps_user_data() }

  /// Calls a closure with a descriptor's registration, one call at a time; without one, returns epoll's error.
  private func withRegistration(
    _ descriptor: CInt,
    _ body: (borrowing KqueueSlot, inout KqueueSlot.Registration, Trigger) -> SystemCallResult
  ) -> SystemCallResult {
    let result = table.withSlot(Int(descriptor)) { slot in
      slot.withRegistration { registration in
        guard let trigger = registration.trigger else { return amy_not_registered }
        return body(slot, &registration, trigger)
      }
    }
    // Kernels differ for a closed descriptor: report what epoll does.
    if let result, result >= 0 || result != amy_not_registered { return result }
    return amy_descriptor_is_open(descriptor) ? amy_not_registered : amy_bad_descriptor
  }

  /// Attaches both filters, the unwanted one disabled, or none.
  ///
  /// It records that an unrequested one is not available, such as a kqueue's for writing: that is no error.
  private func attach(
    _ descriptor: CInt, _ slot: borrowing KqueueSlot, _ registration: inout KqueueSlot.Registration, _ data: UInt64,
    _ trigger: Trigger, after change: KqueueChange = []
  ) -> SystemCallResult {
    let interest = Interest(rawValue: UInt8(truncatingIfNeeded: data) & Watch.interestMask)
    let generation = slot.publish(data, trigger)
    let receipts = control(descriptor, generation, .both, interest, change.union(.attach), trigger)
    let attached = Interest.both.subtracting(receipts.failed)
    let refusal = receipts.refusal(of: interest)
    registration = KqueueSlot.Registration(trigger: trigger, filters: attached)
    let detached = change.contains(.detach) ? receipts.detached(.both) : 0
    if refusal < 0 || detached < 0 {
      forget(descriptor, slot, &registration)
      return min(refusal, detached)
    }
    return 0
  }

  /// Makes filters anew: existing ones keep their trigger, and on some systems their generation.
  private func replace(
    _ descriptor: CInt, _ slot: borrowing KqueueSlot, _ registration: inout KqueueSlot.Registration, _ data: UInt64,
    from old: Trigger, to new: Trigger
  ) -> SystemCallResult {
    let before = (data: slot.data, isArmed: slot.isArmed)
    let result = attach(descriptor, slot, &registration, data, new, after: .detach)
    if result < 0, result != amy_not_registered, result != amy_bad_descriptor {
      // As before; silent if it had delivered its event.
      let data = before.isArmed ? before.data : before.data & ~UInt64(Watch.interestMask)
      _ = attach(descriptor, slot, &registration, data, old)
    }
    return result
  }

  private func attachMissing(
    _ missing: Interest, _ descriptor: CInt, _ slot: borrowing KqueueSlot, _ registration: inout KqueueSlot.Registration,
    _ trigger: Trigger
  ) -> SystemCallResult {
    let receipts = control(descriptor, slot.generation, missing, .none, .attach, trigger)
    registration.filters.formUnion(missing.subtracting(receipts.failed))
    return receipts.refusal(of: missing)
  }

  /// Sets a descriptor's filters to its registration, or deletes them.
  ///
  /// For filters reported again and again and always dropped: the kernel has something that is not registered, and would end
  /// each wait at once. A registration that is being changed is left alone: its filters are only late. See
  /// `Documentation/decisions/0051-filters-that-are-told-in-vain.md`.
  internal func repair(_ descriptor: CInt) {
    let isKnown: Void? = table.withSlot(Int(descriptor)) { slot in
      slot.withRegistrationIfFree { registration in
        let interest = Interest(rawValue: UInt8(truncatingIfNeeded: slot.data) & Watch.interestMask)
        let wanted = slot.isArmed ? interest : .none
        var change: KqueueChange = []
        if registration.trigger == nil || Self.renewsFilters {
          let deleted = control(descriptor, slot.generation, .both, .none, .detach, .level).detached(.both)
          if registration.trigger == nil || deleted < 0 { return }
          change = .attach
        }
        _ = control(descriptor, slot.generation, registration.filters, wanted, change, registration.trigger ?? .level)
      }
    }
    if isKnown == nil { _ = control(descriptor, 0, .both, .none, .detach, .level) }
  }

  /// Returns 0 if any filter was attached.
  @discardableResult
  private func forget(
    _ descriptor: CInt, _ slot: borrowing KqueueSlot, _ registration: inout KqueueSlot.Registration
  ) -> SystemCallResult {
    let generation = slot.silence()
    let receipts = control(descriptor, generation, registration.filters, .none, .detach, .level)
    let detached = receipts.detached(registration.filters)
    registration = KqueueSlot.Registration()
    return detached
  }

  /// Returns whether the kernel has forgotten the descriptor: it was closed, and its number used again.
  ///
  /// Asks by a change that changes nothing: it disables a filter that is disabled or silenced by its event, or else enables an
  /// enabled one, which may report an edge once more.
  private func isStale(
    _ descriptor: CInt, _ slot: borrowing KqueueSlot, _ registration: KqueueSlot.Registration
  ) -> Bool {
    let interest = Interest(rawValue: UInt8(truncatingIfNeeded: slot.data) & Watch.interestMask)
    let quiet = slot.isArmed ? registration.filters.subtracting(interest) : registration.filters
    let candidates = quiet.isEmpty ? registration.filters : quiet
    let asked: Interest = candidates.contains(.readable) ? .readable : .writable
    let receipts = control(descriptor, slot.generation, asked, quiet.isEmpty ? asked : .none, [], .level)
    return min(receipts.read, receipts.write) < 0
  }

  /// The one place that changes the kernel's filters: enables the wanted ones of a set, and disables the others.
  private func control(
    _ descriptor: CInt, _ generation: UInt64, _ filters: Interest, _ wanted: Interest, _ change: KqueueChange,
    _ trigger: Trigger
  ) -> amy_kqueue_receipts {
    var common: UInt32 = change.contains(.detach) ? amy_kqueue_delete : 0
    if change.contains(.attach) {
      common |= amy_kqueue_add
      switch trigger {
      case .once: common |= amy_kqueue_dispatch
      case .edge: common |= amy_kqueue_clear
      case .level: break
      }
    }
    func flags(_ direction: Interest) -> UInt32 {
      if !filters.contains(direction) { return 0 }
      if change == .detach { return common }
      return common | (wanted.contains(direction) ? amy_kqueue_enable : amy_kqueue_disable)
    }
    return amy_kqueue_change(
      queue, descriptor, flags(.readable), flags(.writable), KqueueToken(descriptor, generation).rawValue)
  }
}

internal struct KqueueChange: OptionSet {
  let rawValue: UInt8
  static let detach = KqueueChange(rawValue: 1 << 0)
  static let attach = KqueueChange(rawValue: 1 << 1)
}

extension Interest {
  fileprivate static var both: Interest { [.readable, .writable] }
}

extension amy_kqueue_receipts {
  fileprivate var failed: Interest {
    (read < 0 ? Interest.readable : []).union(write < 0 ? .writable : [])
  }

  /// Returns why a registration with an interest is refused, or 0.
  ///
  /// One filter is enough if the other is not wanted, unless the kernel has run out of something.
  fileprivate func refusal(of interest: Interest) -> SystemCallResult {
    let failed = failed
    let needed = failed == .both ? .both : interest
    for (result, direction) in [(read, Interest.readable), (write, Interest.writable)] where failed.contains(direction) {
      if needed.contains(direction) || !amy_kqueue_is_missing_filter(result) { return amy_kqueue_refusal(result) }
    }
    return 0
  }

  /// Returns 0 if one of the filters was attached.
  fileprivate func detached(_ filters: Interest) -> SystemCallResult {
    switch (filters.contains(.readable), filters.contains(.writable)) {
    case (true, true): max(read_deleted, write_deleted)
    case (true, false): read_deleted
    case (false, _): write_deleted
    }
  }
}

#endif
