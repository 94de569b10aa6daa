internal import Amy
internal import AmyThreads

/// Now and then the process may have hardly any more descriptors than it has, for a moment.
///
/// Who connects meanwhile is refused; who has been let into the backlog by the kernel must wait at the server's door, and be
/// let in when it is over.
final class Drought: SoakPart {
  let name = "droughts"
  let staff: Staff
  private let droughts = Counter("droughts")
  private let usual = DescriptorLimit.current.soft

  init(_ staff: Staff) {
    self.staff = staff
  }

  var counters: [Counter] { [droughts] }

  func start() throws {
    try staff.workers.hire("drought") { (_) throws(PollerError) in
      var dice = Dice(self.staff.seed, "drought")
      let nap = try Nap(self.staff.referee)
      while !self.staff.referee.isOver {
        nap.rest(.milliseconds(dice.roll(100...1_500)))
        DescriptorLimit.set(DescriptorLimit.open + dice.roll(0...12))
        nap.rest(.milliseconds(dice.roll(10...150)))
        DescriptorLimit.set(self.usual)
        self.droughts.add()
      }
    }
  }

  func close() {
    staff.workers.join()
  }
}
