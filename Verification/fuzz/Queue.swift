// OutputQueue against an array: two bytes are an operation.

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
    switch operation % 9 {
    case 0, 1: append([UInt8](repeating: operation, count: size), to: &queue, &model, asSpan: false)
    case 2, 3: append([UInt8](repeating: operation, count: 8 * size), to: &queue, &model, asSpan: false)
    case 4: append([UInt8](repeating: operation, count: 8 * size), to: &queue, &model, asSpan: true)
    case 5: append([UInt8](repeating: operation, count: 32 * size), to: &queue, &model, asSpan: operation % 16 < 8)
    case 6:
      // Mostly unused room.
      let room = 128 * (size + 1)
      do throws(OutputQueueError) {
        try queue.append(addingCapacity: room) { span in for _ in 0..<size / 16 { span.append(operation) } }
        check(model.count + room <= queue.limit)
        model += [UInt8](repeating: operation, count: size / 16)
      } catch {
        check(model.count + room > queue.limit)
      }
    case 7:
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
  let lent = queue.withSegments { segments, offset in Array(Array(segments.joined()).dropFirst(offset)) }
  check(model.starts(with: lent))
  check(lent.isEmpty == model.isEmpty)
  var all: [UInt8] = []
  queue.forEachSegment { span in for index in span.indices { all.append(span[index]) } }
  check(all == model)
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
