/// Columns, the first aligned left, others right, as for numbers.
struct Table {
  private var rows: [[String]]

  init(_ header: [String]) {
    rows = [header]
  }

  mutating func append(_ row: [String]) {
    rows.append(row)
  }

  /// Indented by two spaces.
  var lines: [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + padding : padding + row[column]
      }
      return "  " + cells.joined(separator: "  ")
    }
  }
}

extension Table {
  private static var columns: [(title: String, number: KeyPath<ThreadReport, Int>)] {
    [
      ("waits", \.waits), ("events", \.events), ("requests", \.requests), ("bytes", \.bytes),
      ("reregistered", \.reregistrations), ("opened", \.opened), ("closed", \.closed), ("broken", \.broken),
      ("refused", \.refused), ("dropped", \.dropped),
      ("handed over", \.handedOver),
    ]
  }

  /// What each thread did, without columns of zeros.
  init(of reports: [ThreadReport]) {
    let columns = Self.columns.filter { reports.total($0.number) > 0 }
    self.init(["thread"] + columns.map(\.title) + ["events/wait"])
    for report in reports {
      let cells = columns.map { column in
        let number = report[keyPath: column.number]
        return column.title == "bytes" ? Format.bytes(number) : Format.count(number)
      }
      append([report.role] + cells + [Format.decimal(report.eventsPerWait)])
    }
  }
}

extension JSON {
  init(_ report: ThreadReport) {
    self = .object([
      ("thread", .string(report.role)), ("waits", .integer(report.waits)), ("events", .integer(report.events)),
      ("events_per_wait", .number(report.eventsPerWait)), ("requests", .integer(report.requests)),
      ("bytes", .integer(report.bytes)), ("reregistrations", .integer(report.reregistrations)),
      ("opened", .integer(report.opened)), ("closed", .integer(report.closed)), ("broken", .integer(report.broken)),
      ("refused", .integer(report.refused)), ("dropped", .integer(report.dropped)),
      ("batches_handed_over", .integer(report.handedOver)),
    ])
  }
}
