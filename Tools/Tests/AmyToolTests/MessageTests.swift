import Amy
import AmySockets
import Foundation
import Testing

extension ToolTests {
  /// The program's messages for the errors that it handles.
  ///
  /// `ServeAndLoadTests` and `RunTests` have others: a live server, an old socket, a file that is none, a missing server, too
  /// few descriptors.
  @Suite struct MessageTests {
    @Test func aServerWhoseBacklogIsFullIsThere() throws {
      let path = unique()
      defer { try? FileManager.default.removeItem(atPath: path) }
      let listener = try UnixListener(bindingTo: .unix(path: path), backlog: 0)
      let waiting = try UnixStream(connectingTo: listener.localEndpoint)
      let result = try Tool.run("serve", "--unix", path)
      #expect(result.status == 69)
      #expect(result.errors.contains("a server listens on \(path)"), "\(result.errors)")
      #expect(FileManager.default.fileExists(atPath: path))
      withExtendedLifetime(waiting.fileDescriptor) {}
    }

    @Test func aFolderThatIsNotThereIsNamed() throws {
      let result = try Tool.run("serve", "--unix", "\(unique())/socket")
      #expect(result.status == 69)
      #expect(result.errors.contains("cannot listen on") && result.errors.contains("check it for a slip"), "\(result.errors)")
    }

    @Test func aSocketOfAnotherKindIsNotTakenForAnOldOne() throws {
      let path = unique()
      defer { try? FileManager.default.removeItem(atPath: path) }
      let socket = try UnixDatagramSocket(bindingTo: .unix(path: path))
      let result = try Tool.run("serve", "--unix", path)
      #expect(result.status == 69)
      #expect(FileManager.default.fileExists(atPath: path), "it belongs to a live process")
      withExtendedLifetime(socket.fileDescriptor) {}
    }

    @Test func anAddressInUseIsNamed() throws {
      let listener = try TCPListener(bindingTo: .loopback(port: 0))
      let address = try listener.localEndpoint.description
      let result = try Tool.run("serve", "--listen", address)
      #expect(result.status == 69)
      #expect(result.errors.contains("cannot listen on \(address)") && result.errors.contains("in use"), "\(result.errors)")
    }

    @Test func aNameThatNobodyHasIsNamed() throws {
      let result = try Tool.run("load", "--connect", "nobody.invalid:7")
      #expect(result.status == 69)
      #expect(result.errors.contains("--connect nobody.invalid:7"), "\(result.errors)")
    }

    @Test func anAddressOfAnotherMachineIsNamed() throws {
      let result = try Tool.run("serve", "--listen", "192.0.2.1:0")
      #expect(result.status == 69)
      #expect(result.errors.contains("this machine does not have that address"), "\(result.errors)")
    }

    @Test(.disabled(if: sanitizer != nil, "its runtime needs the address space"))
    func threadsThatCannotBeStartedEndTheServer() throws {
      let result = try Tool.run(
        afterShell: "ulimit -s 1000000 && ulimit -v 8000000", "serve", "--listen", "127.0.0.1:0", "--threads", "64")
      #expect(result.status == 71, "\(result.errors)")
      #expect(result.errors.contains("starts no more threads"), "\(result.errors)")
    }

    private func unique() -> String {
      "/tmp/amy-\(UInt64.random(in: .min ... .max)).sock"
    }
  }
}
