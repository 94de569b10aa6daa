import AmyTool
import Foundation
import Testing

extension ToolTests {
  @Suite struct RunTests {
    @Test(arguments: ["handover", "shared", "sharded"])
    func everyModelEchoesEveryByte(model: String) throws {
      let result = try Tool.run("run", "--model", model, "--connections", "20", "--seconds", "0.5", "--json")
      #expect(result.status == 0, "\(result.errors)")
      let report = try result.report()
      let server = try #require(report.server)
      let generator = try #require(report.generator)
      let latency = try #require(report.latencyNs)
      #expect(report.ok && report.command == "run" && report.model == model)
      #expect(report.connections == 20 && report.failedConnections == 0 && report.wrongConnections == 0)
      #expect(report.requests >= 20 && report.bytes == 64 * report.requests)
      #expect(server.map(\.opened).reduce(0, +) == 20)
      #expect(server.map(\.bytes).reduce(0, +) == report.bytes, "the server has read what the generator has")
      #expect(server.map(\.thread).contains("poller") == (model == "handover"))
      #expect(server.count == (model == "handover" ? 3 : 2) && generator.count == 2)
      #expect(0 < latency.p50 && latency.p50 <= latency.p90 && latency.p90 <= latency.p99)
      #expect(latency.p99 <= latency.p999 && latency.p999 <= latency.max)
      #expect(report.eventsPerWait ?? 0 >= 1)
    }

    @Test(arguments: ["1", "65536", "1000000"])
    func requestsOfAnySizeComeBackWhole(size: String) throws {
      let result = try Tool.run("--connections", "8", "--seconds", "0.3", "--size", size, "--json")
      #expect(result.status == 0, "\(result.errors)")
      #expect(try result.report().ok)
    }

    @Test func aConnectionThatSendsOnceInAWhileSendsNoMoreOften() throws {
      let result = try Tool.run("--connections", "10", "--seconds", "0.5", "--every", "0.1", "--json")
      #expect(result.status == 0, "\(result.errors)")
      let report = try result.report()
      #expect(report.ok)
      // At 0, 0.1, 0.2, 0.3 and 0.4 s, mostly a little later; fewer on a busy machine.
      #expect((10...50).contains(report.requests))
    }

    @Test func oneThreadAndOneConnectionAreEnough() throws {
      let result = try Tool.run("--connections", "1", "--seconds", "0.1", "--threads", "1", "--json")
      #expect(result.status == 0, "\(result.errors)")
      #expect(try result.report().generator?.count == 1)
    }

    @Test func theTableIsForPeopleAndHasNoProgressInAPipe() throws {
      let result = try Tool.run("--connections", "10", "--seconds", "0.1")
      #expect(result.status == 0)
      for word in ["requests/s", "p99.9", "every byte verified", "events/wait", "worker 2", "load 1"] {
        #expect(result.output.contains(word))
      }
      #expect(result.errors == "")
    }

    @Test func tooFewDescriptorsAreToldAtOnceWithTheRemedy() throws {
      let result = try Tool.run(afterShell: "ulimit -n 64", "run")
      #expect(result.status == 71)
      #expect(result.output == "")
      #expect(result.errors.contains("ulimit -n 20"), "the sufficient limit")
      let remedy = try #require(result.errors.firstMatch(of: /--connections (\d+)/)?.1)
      let mended = try Tool.run(
        afterShell: "ulimit -n 64", "run", "--connections", String(remedy), "--seconds", "0.2", "--json")
      #expect(mended.status == 0, "\(mended.errors)")
    }

    @Test(.enabled(if: DescriptorLimit.current.hard > 256))
    func theSoftLimitIsRaisedWhereTheHardOneAllows() throws {
      let result = try Tool.run(afterShell: "ulimit -S -n 64", "--connections", "100", "--seconds", "0.1", "--json")
      #expect(result.status == 0, "\(result.errors)")
    }
  }
}
