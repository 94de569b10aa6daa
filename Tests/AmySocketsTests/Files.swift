import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The C library's calls for files and descriptors.
enum Files {
  static func remove(_ path: String) {
    _ = unsafe unlink(path)
  }

  static func exists(_ path: String) -> Bool {
    unsafe access(path, F_OK) == 0
  }

  static func remove(_ path: [UInt8]) {
    let name = (path + [0]).map(CChar.init(bitPattern:))
    _ = unsafe unlink(name)
  }

  /// The maximum bytes of a Unix path, without a trailing NUL.
  static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

  /// Makes a Unix datagram socket as other programs do, with a NUL behind its path if there is room.
  static func boundDatagramSocket(to path: [UInt8]) throws -> FileDescriptor {
    #if canImport(Glibc)
    let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
    #else
    let descriptor = socket(AF_UNIX, SOCK_DGRAM, 0)
    #endif
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
    let length = MemoryLayout<sockaddr_un>.size - longestPath + min(path.count + 1, longestPath)
    let result = unsafe withUnsafePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, socklen_t(length)) }
    }
    guard result == 0 else {
      defer { close(descriptor) }
      throw Errno(rawValue: errno)
    }
    return FileDescriptor(rawValue: descriptor)
  }

  /// Makes the kernel report and accept a v6 socket's flow information, where it can.
  static func tellFlowInfo(_ descriptor: FileDescriptor) {
    #if os(Linux)
    var on: CInt = 1
    // IPV6_FLOWINFO_SEND
    _ = unsafe setsockopt(descriptor.rawValue, CInt(IPPROTO_IPV6), 33, &on, socklen_t(MemoryLayout<CInt>.size))
    #endif
  }

  /// Runs a closure in a new folder, and removes that; use it in a process of its own, whose working folder it is.
  static func inFolderOfItsOwn(_ body: () throws -> Void) throws {
    let folder = "/tmp/amy-sockets-\(UInt64.random(in: .min ... .max))"
    guard unsafe mkdir(folder, 0o700) == 0, unsafe chdir(folder) == 0 else { throw Errno(rawValue: errno) }
    defer {
      _ = unsafe chdir("/")
      _ = unsafe rmdir(folder)
    }
    try body()
  }

  static func pause() {
    usleep(1_000)
  }

  static func isCloseOnExec(_ descriptor: FileDescriptor) -> Bool {
    fcntl(descriptor.rawValue, F_GETFD) & FD_CLOEXEC != 0
  }

  static func isNonBlocking(_ descriptor: FileDescriptor) -> Bool {
    fcntl(descriptor.rawValue, F_GETFL) & O_NONBLOCK != 0
  }

  /// Makes a descriptor blocking and inherited, as a foreign one may be.
  static func clearFlags(_ descriptor: FileDescriptor) {
    _ = fcntl(descriptor.rawValue, F_SETFD, 0)
    _ = fcntl(descriptor.rawValue, F_SETFL, fcntl(descriptor.rawValue, F_GETFL) & ~O_NONBLOCK)
  }

  /// Identifies the file behind a number: unlike the number, it is not reused.
  static func identity(_ descriptor: FileDescriptor) -> [UInt64]? {
    var status = stat()
    return unsafe fstat(descriptor.rawValue, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }

  /// Returns the number of this process's sockets; the runtime opens other files.
  ///
  /// Use it only where no other thread makes sockets.
  static func openSockets() -> Int {
    (0..<CInt(1024)).count { descriptor in
      var status = stat()
      return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }
  }

  static var processID: Int32 { getpid() }
  static var userID: UInt32 { geteuid() }
  static var groupID: UInt32 { getegid() }

  /// Limits the numbers of new descriptors; higher open ones stay; use it in a process of its own.
  static func limitDescriptors(to count: UInt) throws {
    #if canImport(Glibc)
    let resource = CInt(RLIMIT_NOFILE.rawValue)
    #else
    let resource = RLIMIT_NOFILE
    #endif
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { throw Errno(rawValue: errno) }
    limit.rlim_cur = .init(count)
    guard unsafe setrlimit(resource, &limit) == 0 else { throw Errno(rawValue: errno) }
  }

  static func shutDownWriting(_ descriptor: FileDescriptor) throws {
    guard shutdown(descriptor.rawValue, CInt(SHUT_WR)) == 0 else { throw Errno(rawValue: errno) }
  }
}
