import AmyTool
import Foundation
import Testing

extension ToolTests {
  /// A few seconds of what runs for hours: it starts, checks what it claims, and ends.
  @Suite(.enabled(if: DescriptorLimit.current.hard >= 256, "needs dozens of descriptors"))
  struct SoakTests {
    struct Report: Decodable {
      struct Soaked: Decodable {
        let model: String
        let ok: Bool
        let parts: [String: [String: Int]]
        let threads: Int
        let samples: Int
        let descriptorsBefore: Int
        let descriptorsAfter: Int
        let violations: [Violation]
      }

      struct Violation: Decodable {
        let part: String
        let what: String
      }

      let ok: Bool
      let seed: String
      let again: String
      let models: [Soaked]
    }

    private func soak(_ arguments: String...) throws -> (Tool.Result, Report) {
      let result = try Tool.run(list: ["soak", "--json"] + arguments)
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return (result, try decoder.decode(Report.self, from: Data(result.output.utf8)))
    }

    private static let counted = [
      ("clients", "bytes"), ("clients", "storming"), ("timers", "fired"), ("timers", "cancelled"), ("channels", "messages"),
      ("channels", "user_events"), ("handing", "times_owned"), ("relay", "hops"), ("wakes", "times_woken"),
      ("signals", "told"), ("signals", "children"), ("signals", "strangers"), ("droughts", "droughts"),
    ]

    @Test(arguments: ["handover", "shared", "sharded"])
    func aSoakOfEachModelChecksAllPartsAndFindsNothing(model: String) throws {
      var uncounted: [String] = []
      // Until each part has had its turn on a busy machine or with a sanitizer.
      for seconds in ["2", "10", "50"] {
        let (result, report) = try soak("--model", model, "--seconds", seconds, "--seed", "7")
        #expect(result.status == 0, "\(result.output)")
        #expect(report.ok && report.seed == "7")
        #expect(report.again == "amy soak --seed 7 --seconds \(seconds) --model \(model)")
        let soaked = try #require(report.models.first)
        #expect(report.models.count == 1 && soaked.model == model && soaked.ok && soaked.violations.isEmpty)
        #expect(soaked.threads > 0 && soaked.samples > 1)
        #expect(soaked.descriptorsBefore == soaked.descriptorsAfter)
        uncounted = Self.counted.filter { soaked.parts[$0]?[$1] ?? 0 == 0 }.map { "\($0): \($1)" }
        if uncounted.isEmpty { break }
      }
      #expect(uncounted == [])
    }

    @Test func allModelsHaveTheirTurnAndArePlotted() throws {
      let plot = FileManager.default.temporaryDirectory.appending(path: "soak-\(UUID().uuidString).svg")
      defer { try? FileManager.default.removeItem(at: plot) }
      let result = try Tool.run("soak", "--seconds", "3", "--seed", "5", "--plot", plot.path)
      #expect(result.status == 0, "\(result.output)")
      for text in ["Model handover", "Model shared", "Model sharded", "amy soak --seed 5 --seconds 3 --model all"] {
        #expect(result.output.contains(text))
      }
      let svg = try String(contentsOf: plot, encoding: .utf8)
      #expect(svg.components(separatedBy: "<polyline").count == 1 + 2 * 3, "memory and descriptors of three models")
    }

    @Test func aSignalEndsASoakEarlyAndWell() throws {
      let soak = try Tool.start("soak", "--seconds", "600", "--model", "shared", "--json")
      _ = try #require(soak.line(containing: "seed"), "from then on it handles signals")
      soak.process.interrupt()
      let result = soak.finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("\"ok\":true"))
    }
  }
}
