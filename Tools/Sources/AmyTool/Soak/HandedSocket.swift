internal import Amy
internal import AmySockets
internal import AmyThreads

/// A socket that is armed or has one owner.
final class HandedSocket: Sendable {
  let number: Int
  let near: UnixStream
  private let far: UnixStream
  private let state: Monitor<State>

  private struct State {
    var isOwned = true
    var id: Event.ID?
    /// The poller's number.
    var place = 0
    /// The last armed interest.
    var interest = Interest.none
    /// Bytes written to its peer, and read.
    var (written, read) = (0, 0)
    /// Since when there is something to read.
    var since: UInt64?
  }

  init(_ number: Int) throws(PollerError) {
    self.number = number
    let pair = try UnixStream.pair()
    near = pair.first
    far = pair.second
    state = Monitor(State())
  }

  /// Its registration, only for its owner.
  var place: (id: Event.ID, poller: Int)? {
    state.withLock { state in state.id.map { ($0, state.place) } }
  }

  /// Since when it has something to read.
  var waitsSince: UInt64? { state.withLock { $0.since } }

  func move(to id: Event.ID, _ place: Int) {
    state.withLock { ($0.id, $0.place) = (id, place) }
  }

  func giveUp(for interest: Interest) {
    state.withLock { ($0.isOwned, $0.interest) = (false, interest) }
  }

  /// Takes the socket for an event, and returns what is wrong.
  func own(_ event: Event) -> String? {
    state.withLock { state in
      if state.isOwned { return "was given to a second owner" }
      state.isOwned = true
      if event.id != state.id { return "got an event under a former id" }
      let expected: Readiness = state.interest == .writable ? .writable : .readable
      return event.readiness == expected ? nil : "was armed for \(state.interest), and got \(event.readiness)"
    }
  }

  /// The byte at a position of its row, different for each socket.
  private func byte(at place: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: (place &* 167 ^ place >> 8) &+ number &* 59)
  }

  /// Reads as the owner, compares, and returns what is wrong.
  func read(atMost limit: Int) throws(PollerError) -> (Int, String?) {
    var bytes: [UInt8] = []
    // With the lock: nothing is written between the read and the check for more.
    return try state.withLock { (state) throws(PollerError) in
      guard case .bytes(let count) = try near.read(appendingTo: &bytes, atMost: limit) else {
        return (0, state.written > state.read ? "has bytes, but a read found none" : nil)
      }
      let wrong = bytes.indices.first { bytes[$0] != byte(at: state.read + $0) }
      state.read += count
      state.since = state.written > state.read ? MonotonicClock.now : nil
      return (count, wrong.map { "got a wrong byte at \(state.read - count + $0)" })
    }
  }

  /// Writes to its peer what fits.
  func write(atMost limit: Int) throws(PollerError) {
    try state.withLock { (state) throws(PollerError) in
      let bytes = (0..<limit).map { byte(at: state.written + $0) }
      guard case .bytes(let count) = try far.write(bytes) else { return }
      state.since = state.since ?? MonotonicClock.now
      state.written += count
    }
  }
}
