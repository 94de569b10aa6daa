extension FrameDecoder {
  /// Whether the bytes not handed out end with a whole frame: for a reader at the end of its stream.
  ///
  /// Also true if a prefix is invalid, which ``next()`` reports. O(frames).
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
