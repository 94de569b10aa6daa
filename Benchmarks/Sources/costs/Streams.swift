import AmySockets
import AmyStreams
import SystemPackage

func framing() throws {
  var lines = LineDecoder(limit: 4096)
  let text = Array("the first line\nthe second\n".utf8)
  for _ in 0..<2 {
    lines.append(text)
    while try lines.next() {}
  }
  begin("lines that are lent", calls: 0)
  lines.append(text)
  while try lines.next() { lines.withBytes { _ in } }
  end()
  lines.append(text)
  _ = try lines.next()
  begin("a line that is copied", calls: 0, allocations: 1)
  let line = lines.copy()
  end()
  _ = line.count

  lines.append(text)
  _ = try lines.next()
  begin("a line that is made a string", calls: 0, allocations: nil)
  let string = try lines.string()
  end()
  _ = string.count

  var frames = FrameDecoder(limit: 4096)
  let packed: [UInt8] = [0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 1, 9]
  for _ in 0..<2 {
    frames.append(packed)
    while try frames.next() {}
  }
  begin("frames that are lent", calls: 0)
  frames.append(packed)
  while try frames.next() { frames.withBytes { _ in } }
  end()
  frames.append(packed)
  _ = try frames.next()
  begin("a frame that is copied", calls: 0, allocations: 1)
  let frame = frames.copy()
  end()
  _ = frame.count

  var encoded = [UInt8]()
  encoded.reserveCapacity(64)
  let encoder = FrameEncoder()
  begin("a frame encoded into room that is there", calls: 0)
  try encoder.append(packed.span, to: &encoded)
  end()
  encoded = Array(repeating: 0, count: 64)
  let three: [UInt8] = [1, 2, 3]
  try encoded.withUnsafeMutableBufferPointer { memory in
    var room = OutputSpan(buffer: memory, initializedCount: 0)
    begin("a frame encoded into an output span", calls: 0)
    try encoder.append(three.span, to: &room)
    end()
    _ = room.finalize(for: memory)
  }

  begin("make the decoders and the queue", calls: 0)
  let one = LineDecoder(limit: 100)
  let two = FrameDecoder(limit: 100)
  let last = OutputQueue(limit: 100)
  end()
  _ = (one.limit, two.limit, last.limit)
  try queueing()
}

private func queueing() throws {
  var queue = OutputQueue(limit: 1 << 20)
  let small: [UInt8] = Array(repeating: 1, count: 100)
  for _ in 0..<2 {
    try queue.append(small)
    queue.removeFirst(100)
  }
  begin("a small append to a queue, and its removal", calls: 0)
  try queue.append(small)
  queue.removeFirst(100)
  end()
  let large: [UInt8] = Array(repeating: 1, count: OutputQueue.keptCount)
  for _ in 0..<2 {
    try queue.append(large)
    queue.removeFirst(large.count)
  }
  begin("an array that a queue keeps", calls: 0)
  try queue.append(large)
  end()
  begin("segments that are lent", calls: 0)
  queue.withSegments { _, _ in }
  end()
  begin("segments that are lent one by one", calls: 0)
  queue.forEachSegment(atMost: 4) { _ in }
  end()
}

/// The cost of a request with readers and writers over sockets.
func streams() throws {
  try pipes()
  let pair = try UnixStream.pair()
  let near = pair.first
  let far = pair.second
  begin("make the readers and writers", calls: 0)
  var lines = LineReader(limit: 1024, budget: 65_536)
  var frames = FrameReader(limit: 1024, budget: 65_536)
  var output = StreamWriter(limit: 65_536)
  var framed = FrameWriter(limit: 65_536)
  end()
  let request = Array("GET something\n".utf8)
  let frame: [UInt8] = [0, 0, 0, 1, 7]
  for _ in 0..<2 {
    _ = try far.write(request)
    _ = try lines.read(from: near)
    while try lines.next() {}
    _ = try far.write(frame)
    _ = try frames.read(from: near)
    while try frames.next() {}
    try output.write(request, to: near)
    try framed.write(request, to: near)
  }
  _ = try far.write(request)
  begin("a request read by lines", calls: 2)
  _ = try lines.read(from: near)
  end()
  while try lines.next() {}
  _ = try far.write(frame)
  begin("a request read by frames", calls: 2)
  _ = try frames.read(from: near)
  end()
  while try frames.next() {}
  begin("an answer written", calls: 1)
  try output.write(request.span, to: near)
  end()
  begin("a frame written", calls: 1)
  try framed.write(request.span, to: near)
  end()
  begin("bytes enqueued", calls: 0)
  try output.enqueue(request.span)
  end()
  begin("an answer written while some is pending", calls: 0, allocations: nil)
  try output.write(request.span, to: near)
  end()
  begin("a flush", calls: 1)
  _ = try output.flush(to: near)
  end()
  begin("a frame enqueued", calls: 0)
  try framed.enqueue(request.span)
  end()
  begin("a frame written while some is pending", calls: 0, allocations: nil)
  try framed.write(request.span, to: near)
  end()
}

private func pipes() throws {
  let pipe = try FileDescriptor.pipe()
  let bytes: [[UInt8]] = [[1, 2, 3], [4, 5]]
  var room = [UInt8](repeating: 0, count: 64)
  begin("write to a pipe", calls: 1)
  _ = try pipe.writeEnd.writeAvailable(segments: bytes, skipping: 1)
  end()
  try room.withUnsafeMutableBufferPointer { memory in
    var span = OutputSpan(buffer: memory, initializedCount: 0)
    begin("read of a pipe", calls: 1)
    _ = try pipe.readEnd.readAvailable(into: &span)
    end()
    _ = span.finalize(for: memory)
  }
  try pipe.readEnd.close()
  try pipe.writeEnd.close()
}
