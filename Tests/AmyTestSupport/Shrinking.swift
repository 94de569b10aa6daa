/// Makes a failing sequence as short, and its elements as simple, as possible: delta debugging (Zeller and Hildebrandt, 2002).
///
/// Leaves out pieces, from halves down to pairs and single elements, while the rest fails; then replaces elements with simpler
/// ones. Unless the limit was reached, the result passes without any one element.
///
/// - Parameters:
///   - sequence: A failing sequence.
///   - limit: The maximum number of calls of `fails`.
///   - simpler: Replacements for an element, the simplest first, each closer to an element without any.
///   - fails: Whether a sequence fails, regardless of earlier calls.
/// - Returns: A failing sequence.
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
      // From the end: what follows the failure goes first. Short pieces begin anywhere: some elements only go together.
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
      // Start again from the first simpler element that fails.
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
