#if KqueueModel
import Glibc
import KqueueModel
import Testing

/// All suites of the double.
///
/// Each test is named after a sentence of kqueue(2), or the fact of FACTS.md that it shows, by letter and number.
@Suite("The double of kqueue(2)", .timeLimit(.minutes(10)))
enum Model {}

final class Queue: Sendable {
  let number: CInt

  /// Imitates that system, whatever the process's profile.
  init(_ profile: String = "freebsd") throws {
    try #require(kqueue_model_use_profile(profile))
    number = kqueue()
    _ = kqueue_model_use_profile(nil)
    try #require(number >= 0)
  }

  deinit { close(number) }

  /// Applies changes, and returns the errno, or 0.
  @discardableResult
  func apply(_ changes: kevent...) -> CInt {
    var changes = changes
    return kevent(number, &changes, CInt(changes.count), nil, 0, nil) < 0 ? errno : 0
  }

  /// Returns the answers to changes that have a receipt, or fail.
  func receipts(_ changes: kevent...) -> [kevent] {
    var changes = changes
    var answers = Array(repeating: kevent(), count: changes.count)
    let count = kevent(number, &changes, CInt(changes.count), &answers, CInt(answers.count), nil)
    return Array(answers.prefix(Int(max(0, count))))
  }

  /// Returns the events available within the milliseconds.
  func events(room: Int = 8, for milliseconds: Int = 0) -> [kevent] {
    var events = Array(repeating: kevent(), count: room)
    var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    let count = kevent(number, nil, 0, &events, CInt(room), &time)
    return Array(events.prefix(Int(max(0, count))))
  }

  /// By poll(2).
  var isReadable: Bool {
    var descriptor = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, 0) == 1
  }
}

/// EV_SET.
func change(
  _ ident: some BinaryInteger, _ filter: CInt, _ flags: CInt, fflags: UInt32 = 0, data: Int = 0, udata: Int = 0
) -> kevent {
  kevent(
    ident: UInt(truncatingIfNeeded: ident), filter: Int16(filter), flags: UInt16(flags), fflags: fflags, data: Int64(data),
    udata: UnsafeMutableRawPointer(bitPattern: udata), ext: (0, 0, 0, 0))
}

extension kevent {
  func has(_ flag: CInt) -> Bool { flags & UInt16(flag) != 0 }
  var tag: Int { Int(bitPattern: udata) }
}

/// Two connected descriptors, each closed at most once.
final class Pair: @unchecked Sendable {
  private(set) var near: CInt
  private(set) var far: CInt

  init(pipe isPipe: Bool = false, type: __socket_type = SOCK_STREAM) throws {
    var both: [CInt] = [-1, -1]
    let result = isPipe ? pipe(&both) : socketpair(AF_UNIX, CInt(type.rawValue), 0, &both)
    try #require(result == 0)
    near = both[0]
    far = both[1]
  }

  init(tcp: Void) throws {
    let (listener, port) = try listen()
    far = try connect(to: port)
    near = accept(listener, nil, nil)
    close(listener)
    try #require(near >= 0)
  }

  deinit {
    closeNear()
    closeFar()
  }

  func closeNear() {
    if near >= 0 { close(near) }
    near = -1
  }

  func closeFar() {
    if far >= 0 { close(far) }
    far = -1
  }

  func send(_ count: Int = 1) {
    let bytes = [UInt8](repeating: 7, count: count)
    #expect(write(far, bytes, count) == count)
  }

  @discardableResult
  func receive(_ count: Int = 1) -> Int {
    var bytes = [UInt8](repeating: 0, count: count)
    return read(near, &bytes, count)
  }
}

func listen() throws -> (listener: CInt, port: UInt16) {
  let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
  var address = loopback(0)
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
      bind(listener, address, size) == 0 && Glibc.listen(listener, 16) == 0 && getsockname(listener, address, &size) == 0
    }
  }
  try #require(result)
  return (listener, UInt16(bigEndian: address.sin_port))
}

/// Returns a non-blocking socket, connected or refused.
func connect(to port: UInt16) throws -> CInt {
  let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
  var address = loopback(port)
  let result = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
      Glibc.connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  try #require(result == 0 || errno == EINPROGRESS)
  return descriptor
}

private func loopback(_ port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return address
}

/// Returns the file under a number that no other test uses, so that none gets it after the close.
func moved(_ descriptor: CInt) -> CInt {
  let high = fcntl(descriptor, F_DUPFD_CLOEXEC, 600)
  close(descriptor)
  return high
}

var readFilter: CInt { CInt(EVFILT_READ) }
var writeFilter: CInt { CInt(EVFILT_WRITE) }
var userFilter: CInt { CInt(EVFILT_USER) }
var timerFilter: CInt { CInt(EVFILT_TIMER) }
#endif
