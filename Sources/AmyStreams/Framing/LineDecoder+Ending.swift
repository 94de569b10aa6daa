extension LineDecoder {
  /// Whether the bytes not handed out end with a whole line, if only lines are requested: for a reader at the end of its
  /// stream.
  ///
  /// False while requested counted bytes are missing. O(bytes).
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
