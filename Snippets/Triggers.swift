// How to handle an event with each trigger: the article "Edge, level and once".

import Amy
import AmySockets

// snippet.once
// By once: do any part of the work, then arm again. Bytes that are left make the next event at once.
func once(_ registration: borrowing Registration<TCPStream>, _ bytes: inout [UInt8]) throws(PollerError) {
  _ = try registration.source.read(appendingTo: &bytes, atMost: 4096)
  // Until here no thread gets an event of this socket; from here on any may.
  try registration.arm(for: .readable)
}
// snippet.end

// snippet.edge
// By edge: read until there is nothing left, since bytes that are left are not reported again.
func edge(_ stream: borrowing TCPStream, _ bytes: inout [UInt8]) throws(PollerError) -> Bool {
  while true {
    switch try stream.read(appendingTo: &bytes, atMost: 4096) {
    case .bytes: continue
    case .wouldBlock: return true
    case .closed: return false
    }
  }
}
// snippet.end

// snippet.level
// By level: do any part of the work. Bytes that are left make an event in the next wait, and in each one after it, so ask only
// for what you are going to do.
func level(_ registration: borrowing Registration<TCPStream>, _ bytes: inout [UInt8]) throws(PollerError) {
  _ = try registration.source.read(appendingTo: &bytes, atMost: 4096)
  // Too much to hold: be silent until it is processed, or each wait returns at once.
  if bytes.count > 1 << 20 { try registration.arm(for: .none) }
}
// snippet.end
