import Amy
import Glibc
import SystemPackage

// Registers, reregisters and deregisters 100 descriptors so many times, for counting instructions and system calls.
//
//     registration ROUNDS

@main
struct Registering {
  static func main() throws {
    guard CommandLine.arguments.count == 2, let rounds = Int(CommandLine.arguments[1]) else {
      print("usage: registration ROUNDS")
      exit(64)
    }
    let poller = try Poller()
    let registrar = poller.registrar
    let descriptors = try (0..<100).map { _ in
      FileDescriptor(rawValue: try check(socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)))
    }
    for _ in 0..<rounds {
      for descriptor in descriptors {
        let id = try registrar.register(descriptor, for: .readable)
        try registrar.reregister(descriptor, as: id, for: .writable, trigger: .once)
        try registrar.deregister(descriptor)
      }
    }
  }

  static func check(_ result: CInt) throws -> CInt {
    guard result >= 0 else { throw Errno(rawValue: errno) }
    return result
  }
}
