/// Makes a failing sequence as short as it gets, and its elements as simple: delta debugging (Zeller and Hildebrandt, 2002).
///
/// Pieces are left out, from halves down to pairs and single elements, as long as what is left still fails; then each element makes way
/// for a simpler one. What comes out fails, and passes whichever element is left out of it.
///
/// - Parameters:
///   - sequence: One that fails.
///   - limit: How often to ask at most.
///   - simpler: What may stand in an element's place, the simplest first; each closer to what nothing is simpler than.
///   - fails: Whether a sequence fails, which must not depend on what was asked before.
/// - Returns: A sequence that fails.
package func shrink<Element>(
  _ sequence: [Element], asking limit: Int = 20_000, simpler: (Element) -> [Element] = { _ in [] },
  while fails: ([Element]) -> Bool
) -> [Element] {
  var shortest = sequence
  var left = limit
  func stillFails(_ candidate: [Element]) -> Bool {
    left -= 1
    guard left >= 0, fails(candidate) else { return false }
    shortest = candidate
    return true
  }
  var isShorter = true
  while isShorter, left > 0 {
    isShorter = false
    var length = max(1, shortest.count / 2)
    while true {
      // From the end: what comes after the failure goes first. Short pieces may begin anywhere: some things only go together.
      var end = shortest.count
      while end > 0 {
        let start = max(0, end - length)
        let isLess = stillFails(Array(shortest[..<start] + shortest[end...]))
        if isLess { isShorter = true }
        end = isLess || length > 3 ? start : end - 1
      }
      if length == 1 { break }
      length = length > 3 ? length / 2 : length - 1
    }
    for position in shortest.indices {
      // Of the simpler ones the first that fails, and again from there.
      while simpler(shortest[position]).contains(where: { stillFails(shortest.with($0, at: position)) }) { isShorter = true }
    }
  }
  return shortest
}

extension Array {
  fileprivate func with(_ element: Element, at position: Int) -> [Element] {
    var copy = self
    copy[position] = element
    return copy
  }
}
