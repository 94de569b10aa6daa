extension LineDecoder {
  /// Whether what has come and was not handed out ends where a line does, if nothing but lines is asked for: for a reader that
  /// has met the end of its stream.
  ///
  /// O(bytes).
  package var endsBetweenLines: Bool {
    guard awaitedCount <= buffer.count else { return false }
    guard buffer.count > 0 else { return true }
    guard buffer.storage.last == delimiter.last else { return false }
    if delimiter.front == .nothing || delimiter.front == .maybe { return true }
    // A delimiter that overlaps itself counts where `next()` finds it.
    let front = delimiter.frontBytes
    var begin = buffer.start
    for index in buffer.start..<buffer.storage.count where buffer.storage[index] == delimiter.last {
      let first = index - front.count
      if first >= begin, buffer.storage[first..<index].elementsEqual(front) { begin = index + 1 }
    }
    return begin == buffer.storage.count
  }
}
