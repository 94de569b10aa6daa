extension FrameDecoder {
  /// Whether what has come and was not handed out ends where a frame does: for a reader that has met the end of its stream.
  ///
  /// True also where a prefix is wrong, which ``next()`` will say. O(frames).
  package var endsBetweenFrames: Bool {
    var rest = buffer.count
    while rest > 0 {
      let unread = buffer.storage.span.extracting((buffer.storage.count - rest)...)
      do throws(FrameError) {
        guard let header = try FrameHeader(reading: unread, format: format) else { return false }
        let payload = try header.payloadCount(format: format, limit: limit)
        guard payload <= rest - header.count else { return false }
        rest -= header.count + payload
      } catch {
        return true
      }
    }
    return true
  }
}
