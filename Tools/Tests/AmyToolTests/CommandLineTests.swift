import Foundation
import Testing

extension ToolTests {
  @Suite struct CommandLineTests {
    @Test(
      .disabled(if: sanitizer != nil, "22 programs that only read their arguments"),
      arguments: [
        ["run", "--connections", "0"], ["run", "--model", "quick"], ["run", "--seconds", "-1"], ["run", "--size", "0"],
        ["run", "--threads", "1000"], ["serve"], ["serve", "--unix", "/tmp/a", "--listen", "127.0.0.1:0"],
        ["serve", "--unix", "/tmp/a", "--model", "sharded"], ["serve", "--listen", "nonsense"], ["load"],
        ["load", "--connect", "127.0.0.1:port"], ["dance"],
        ["serve", "--listen", "127.0.0.1:0", "--protocol", "chat"], ["serve", "--listen", "127.0.0.1:0", "--threads", "0"],
        ["serve", "--listen", "127.0.0.1:0", "--protocol", "http"],
        ["load", "--connect", "127.0.0.1:1", "--protocol", "chat", "--size", "500"],
        ["load", "--connect", "127.0.0.1:1", "--protocol", "chat", "--every", "1"], ["run", "--every", "0"],
        ["soak", "--model", "quick"], ["soak", "--seconds", "0"], ["soak", "--seconds", "5", "--minutes", "1"],
        ["soak", "--seed", "-1"],
      ])
    func argumentsThatMakeNoSenseAreAUsageError(arguments: [String]) throws {
      let result = try Tool.run(list: arguments)
      #expect(result.status == 64)
      #expect(result.output == "")
      #expect(!result.errors.isEmpty)
    }

    @Test(arguments: [[], ["run"], ["serve"], ["load"], ["soak"], ["doctor"]])
    func helpIsEverywhere(command: [String]) throws {
      let result = try Tool.run(list: command + ["--help"])
      #expect(result.status == 0)
      #expect(result.output.contains("OVERVIEW") && result.output.contains("EXIT STATUS"))
    }

    @Test func theDoctorFindsThatAllWorksHere() throws {
      struct Diagnosis: Decodable {
        struct Finding: Decodable {
          let name: String
          let status: String
        }
        let ok: Bool
        let backend: String
        let checks: [Finding]
        let limits: [Finding]
      }
      let result = try Tool.run("doctor", "--json")
      #expect(result.status == 0, "\(result.output)")
      let diagnosis = try JSONDecoder().decode(Diagnosis.self, from: Data(result.output.utf8))
      #expect(diagnosis.ok)
      #expect(diagnosis.checks.count >= 8)
      #expect(diagnosis.limits.contains { $0.name == "descriptors" })
      #expect(try Tool.run("doctor").output.contains("All works."))
    }
  }
}
