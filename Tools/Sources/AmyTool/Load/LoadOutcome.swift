internal import Amy
internal import AmySockets
internal import Histogram

struct LoadOutcome: Sendable {
  let plan: LoadPlan
  let load: LoadReport
  let threads: [ThreadReport]
  /// From the first request to the last echo.
  let elapsed: Duration

  /// Whether every connection was made and survived, and every byte was correct.
  var isGood: Bool { load.failed == 0 && load.connected == plan.connections && requests > 0 }

  var requests: Int { threads.total(\.requests) }

  var requestsPerSecond: Double {
    let seconds = elapsed / .seconds(1)
    return seconds > 0 ? Double(requests) / seconds : 0
  }

  private static let percentiles: [(title: String, key: String, percentile: Double)] = [
    ("p50", "p50", 50), ("p90", "p90", 90), ("p99", "p99", 99), ("p99.9", "p99_9", 99.9), ("max", "max", 100),
  ]

  private func latency(at percentile: Double) -> UInt64 {
    if load.latencies.totalCount == 0 { return 0 }
    return percentile == 100 ? load.latencies.max : load.latencies.valueAtPercentile(percentile)
  }

  var verdict: String {
    if isGood {
      let what =
        switch plan.wire {
        case .echo: "echoes of \(Format.bytes(plan.size)), all right"
        case .lines: "lines of \(Format.bytes(plan.size)), all right"
        case .frames: "frames of \(Format.bytes(plan.size)), all right"
        case .chat: "messages of \(Format.bytes(plan.size)), each at all others of its room, in order"
        }
      return "every byte verified: \(Format.count(requests)) \(what)"
    }
    let reasons = load.reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { reason, count in
      "\n    \(Format.count(count)) × \(reason)"
    }
    return """
      FAILED: \(Format.count(load.failed)) of \(Format.counted(plan.connections, "connection")) failed, \
      \(Format.count(load.wrong)) of them with wrong bytes\(reasons.joined())
      """
  }

  var lines: [String] {
    let latencies = Self.percentiles.map { "\($0.title) \(Format.nanoseconds(latency(at: $0.percentile)))" }
    let missed =
      plan.every == nil ? [] : ["  missed         \(Format.count(load.missed)) requests that came due before the last echo"]
    return [
      "  requests       \(Format.count(requests)) in \(Format.decimal(elapsed / .seconds(1), digits: 2)) s",
      "  requests/s     \(Format.decimal(requestsPerSecond, digits: 0))",
      "  latency        \(latencies.joined(separator: "   "))",
    ] + missed + [
      "  verdict        \(verdict)"
    ]
  }

  var json: [(name: String, value: JSON)] {
    let latencies = Self.percentiles.map { ($0.key, JSON.integer(Int(latency(at: $0.percentile)))) }
    let failures = load.reasons.sorted { $0.key < $1.key }.map { reason, count in
      JSON.object([("reason", .string(reason)), ("connections", .integer(count))])
    }
    return [
      ("ok", .bool(isGood)), ("connections", .integer(plan.connections)), ("connected", .integer(load.connected)),
      ("failed_connections", .integer(load.failed)), ("wrong_connections", .integer(load.wrong)),
      ("missed_requests", .integer(load.missed)), ("failures", .array(failures)), ("size", .integer(plan.size)),
      ("seconds", .number(elapsed / .seconds(1))),
      ("requests", .integer(requests)), ("requests_per_second", .number(requestsPerSecond)),
      ("bytes", .integer(threads.total(\.bytes))), ("latency_ns", .object(latencies)),
      ("generator", .array(threads.map { JSON($0) })),
    ]
  }
}
