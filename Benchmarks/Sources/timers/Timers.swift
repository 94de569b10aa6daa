import Amy
import Glibc
import Support

// Sets, cancels and fires timers through the public interface.
//
//     timers count at|after LIVES     for counting, over virtual_clock.c: 100,000 are pending; of those that end nine in ten
//                                     are cancelled and one in ten fires, and each is set again
//     timers count none LIVES         does everything except the timers, to be subtracted
//     timers idle COUNT               sets and cancels one that is not the earliest, for counting system calls
//     timers tick COUNT               waits for each tick of a repeating timer, for counting system calls
//     timers timed N                  sets N, cancels them in another order, sets them again and lets all fire
//     timers histogram N              N timers against the clock: none may be early; and how late they are

@main
struct Timers {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3, let number = Int(arguments[arguments.count - 1]) else { usage() }
    switch arguments[1] {
    case "count":
      var lives = try Lives(standing: 100_000)
      if arguments[2] == "none" {
        try lives.runWithoutTimers(number)
      } else {
        try lives.run(number, takingDelays: arguments[2] == "after")
      }
    case "idle": try idle(number)
    case "tick": try tick(number)
    case "timed": try Timed(number).run()
    case "histogram": try Lateness(number).run()
    default: usage()
    }
  }

  static func usage() -> Never {
    endWithUsage("timers count at|after|none LIVES, or timers idle|tick|timed|histogram COUNT")
  }

  static func idle(_ count: Int) throws {
    let poller = try Poller()
    let registrar = poller.registrar
    let earliest = try registrar.scheduleTimer(after: .seconds(1))
    for _ in 0..<count { registrar.cancel(try registrar.scheduleTimer(after: .seconds(2))) }
    registrar.cancel(earliest)
  }

  static func tick(_ count: Int) throws {
    let poller = try Poller()
    _ = try poller.registrar.scheduleTimer(every: .microseconds(200))
    var events = EventBuffer()
    var remaining = count
    while remaining > 0 {
      try poller.wait(into: &events)
      remaining -= events.count
    }
  }
}
