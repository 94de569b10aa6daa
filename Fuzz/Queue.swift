// OutputQueue against an array: each two bytes of the input are an operation.

/// One run of the fuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzQueue(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count >= 1 else { return 0 }
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  let limit = 100 + 64 * Int(input[0])
  var queue = OutputQueue(limit: limit)
  var model: [UInt8] = []
  for index in stride(from: 1, to: count - 1, by: 2) {
    let (operation, size) = (input[index], Int(input[index + 1]))
    switch operation % 8 {
    case 0, 1: append([UInt8](repeating: operation, count: size), to: &queue, &model, asSpan: false)
    case 2, 3: append([UInt8](repeating: operation, count: 8 * size), to: &queue, &model, asSpan: false)
    case 4: append([UInt8](repeating: operation, count: 8 * size), to: &queue, &model, asSpan: true)
    case 5: append([UInt8](repeating: operation, count: 32 * size), to: &queue, &model, asSpan: operation % 16 < 8)
    case 6:
      let taken = min(model.count, size * (operation < 128 ? 1 : 16))
      queue.removeFirst(taken)
      model.removeFirst(taken)
    default:
      queue.removeFirst(model.count)
      model = []
    }
    check(queue.count == model.count)
    if model.count >= queue.highWaterMark { check(queue.isCongested) }
    if model.count <= queue.lowWaterMark { check(!queue.isCongested) }
  }
  let all = queue.withSegments { segments, offset in Array(Array(segments.joined()).dropFirst(offset)) }
  check(all == model)
  var lent = 0
  queue.forEachSegment { lent += $0.count }
  check(lent == model.count)
  return 0
}

func append(_ bytes: [UInt8], to queue: inout OutputQueue, _ model: inout [UInt8], asSpan: Bool) {
  do throws(OutputQueueError) {
    if asSpan { try queue.append(bytes.span) } else { try queue.append(bytes) }
    check(model.count + bytes.count <= queue.limit)
    model += bytes
  } catch {
    check(model.count + bytes.count > queue.limit)
  }
}
