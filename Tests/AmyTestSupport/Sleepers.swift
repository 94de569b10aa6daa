import CAmyTestSupport

/// Threads of this process that sleep, by what the system tells of them.
package enum Sleepers {
  /// Returns when so many threads whose names begin so are asleep, whatever in.
  package static func wait(for count: Int, named prefix: String) {
    amy_test_wait_for_sleepers(Int32(count), prefix)
  }
}
