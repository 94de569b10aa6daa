import Amy
import Glibc
import Support
import SystemPackage

// Registers, reregisters and deregisters DESCRIPTORS descriptors, ROUNDS times, on THREADS threads that share them.
//
//     registration ROUNDS DESCRIPTORS THREADS

@main
struct Registering {
  static func main() throws {
    let parameters = numbers(from: 1)
    guard CommandLine.arguments.count == 4, parameters.count == 3 else {
      endWithUsage("registration ROUNDS DESCRIPTORS THREADS")
    }
    let (rounds, count, threads) = (parameters[0], parameters[1], parameters[2])
    raiseDescriptorLimit()
    let poller = try Poller()
    let registrar = poller.registrar
    let descriptors = try (0..<count).map { _ in
      FileDescriptor(rawValue: try check(socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)))
    }
    let start = Usage.now
    let others = (1..<threads).map { number in
      Thread { run(rounds, descriptors[number * count / threads..<(number + 1) * count / threads], registrar) }
    }
    run(rounds, descriptors[..<(count / threads)], registrar)
    for thread in others { thread.join() }
    start.printSince(operations: rounds * count)
  }

  static func run(_ rounds: Int, _ descriptors: ArraySlice<FileDescriptor>, _ registrar: Registrar) {
    var ids = [Event.ID](repeating: registrar.reserveID(), count: descriptors.count)
    var times: [UInt64] = [0, 0, 0]
    do throws(PollerError) {
      for _ in 0..<rounds {
        let registering = Usage.now
        for (index, descriptor) in zip(ids.indices, descriptors) {
          ids[index] = try registrar.register(descriptor, for: .readable, trigger: .edge)
        }
        let reregistering = Usage.now
        for (id, descriptor) in zip(ids, descriptors) {
          try registrar.reregister(descriptor, as: id, for: .writable, trigger: .once)
        }
        let deregistering = Usage.now
        for descriptor in descriptors { try registrar.deregister(descriptor) }
        times[0] += registering.processorTime(until: reregistering)
        times[1] += reregistering.processorTime(until: deregistering)
        times[2] += deregistering.processorTime(until: .now)
      }
    } catch {
      fatalError("\(error)")
    }
    let each = Double(rounds * descriptors.count)
    print("register=\(Double(times[0]) / each) reregister=\(Double(times[1]) / each) deregister=\(Double(times[2]) / each)")
  }

  static func check(_ result: CInt) throws -> CInt {
    guard result >= 0 else { throw Errno(rawValue: errno) }
    return result
  }
}
