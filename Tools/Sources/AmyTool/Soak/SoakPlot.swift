/// A soak's memory and descriptors over time, as a hand-written SVG.
struct SoakPlot {
  private let outcomes: [SoakOutcome]
  private let title: String
  private let span: Double

  private static let colors = ["#0b6e99", "#c1440e", "#4f7f2a"]
  private static let (left, right, top, height, width) = (90, 40, 70, 190, 770)

  init(_ outcomes: [SoakOutcome], title: String) {
    self.outcomes = outcomes
    self.title = title
    span = max(1, outcomes.map { $0.elapsed / .seconds(1) }.max() ?? 1)
  }

  var svg: String {
    let (width, height) = (Self.left + Self.width + Self.right, Self.top + 2 * (Self.height + 70))
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" \
      font-family="sans-serif" font-size="13">
      <rect width="\(width)" height="\(height)" fill="white"/>
      <text x="\(Self.left)" y="26" font-size="16">\(title)</text>

      """
    for (index, outcome) in outcomes.enumerated() {
      let x = Self.left + index * 130
      text += "<rect x=\"\(x)\" y=\"38\" width=\"14\" height=\"14\" fill=\"\(Self.colors[index % 3])\"/>"
      text += "<text x=\"\(x + 20)\" y=\"50\">\(outcome.model)</text>\n"
    }
    text += panel("resident memory, MiB", top: Self.top + 10) { Double($0.memory) / 1_048_576 }
    text += panel("open descriptors", top: Self.top + Self.height + 70) { Double($0.descriptors) }
    text += "<text x=\"\(Self.left + Self.width / 2)\" y=\"\(height - 14)\" text-anchor=\"middle\">"
    text += "time since the start of the model's part; the last point is after everything was closed</text>\n"
    return text + "</svg>\n"
  }

  private func panel(_ label: String, top: Int, _ value: (Samples.Sample) -> Double) -> String {
    let most = outcomes.flatMap { $0.samples.all.map(value) }.max() ?? 1
    let step = Self.step(for: most)
    let ceiling = max(step, (most / step).rounded(.up) * step)
    let bottom = top + Self.height
    var text = "<text x=\"\(Self.left)\" y=\"\(top - 8)\">\(label)</text>\n"
    for tick in stride(from: 0, through: ceiling, by: step) {
      let y = place(Double(bottom) - tick / ceiling * Double(Self.height))
      text += "<line x1=\"\(Self.left)\" x2=\"\(Self.left + Self.width)\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#ddd\"/>"
      text += "<text x=\"\(Self.left - 8)\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\">\(number(tick))</text>\n"
    }
    let (unit, length) = span > 180 ? ("min", 60.0) : ("s", 1.0)
    for tick in stride(from: 0, through: span / length, by: Self.step(for: span / length)) {
      let x = place(Double(Self.left) + tick * length / span * Double(Self.width))
      text += "<line x1=\"\(x)\" x2=\"\(x)\" y1=\"\(bottom)\" y2=\"\(bottom + 5)\" stroke=\"#333\"/>"
      text += "<text x=\"\(x)\" y=\"\(bottom + 20)\" text-anchor=\"middle\">\(number(tick)) \(unit)</text>\n"
    }
    text += "<path d=\"M\(Self.left) \(top) V\(bottom) H\(Self.left + Self.width)\" fill=\"none\" stroke=\"#333\"/>\n"
    for (index, outcome) in outcomes.enumerated() {
      let points = outcome.samples.all.map { sample in
        let x = Double(Self.left) + sample.time / .seconds(1) / span * Double(Self.width)
        return "\(place(x)),\(place(Double(bottom) - value(sample) / ceiling * Double(Self.height)))"
      }
      text += "<polyline fill=\"none\" stroke=\"\(Self.colors[index % 3])\" stroke-width=\"1.3\" "
      text += "points=\"\(points.joined(separator: " "))\"/>\n"
    }
    return text
  }

  /// The distance of about five ticks: 1, 2 or 5 times a power of ten.
  private static func step(for most: Double) -> Double {
    var step = 0.001
    while most / step > 8 {
      for factor in [2, 2.5, 2] {
        step *= factor
        if most / step <= 8 { break }
      }
    }
    return step
  }

  private func place(_ value: Double) -> String { Format.decimal(value).split(separator: ",").joined() }

  private func number(_ value: Double) -> String {
    value == value.rounded() ? Format.count(Int(value)) : Format.decimal(value)
  }
}
