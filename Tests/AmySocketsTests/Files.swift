import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What the C library knows of files and descriptors: for tests alone.
enum Files {
  static func remove(_ path: String) {
    _ = unsafe unlink(path)
  }

  static func exists(_ path: String) -> Bool {
    unsafe access(path, F_OK) == 0
  }

  static func isCloseOnExec(_ descriptor: FileDescriptor) -> Bool {
    fcntl(descriptor.rawValue, F_GETFD) & FD_CLOEXEC != 0
  }

  static func isNonBlocking(_ descriptor: FileDescriptor) -> Bool {
    fcntl(descriptor.rawValue, F_GETFL) & O_NONBLOCK != 0
  }

  /// Blocking, and open in children: what a descriptor from elsewhere may be.
  static func clearFlags(_ descriptor: FileDescriptor) {
    _ = fcntl(descriptor.rawValue, F_SETFD, 0)
    _ = fcntl(descriptor.rawValue, F_SETFL, fcntl(descriptor.rawValue, F_GETFL) & ~O_NONBLOCK)
  }

  /// Which file is behind the number: unlike the number it is not used again.
  static func identity(_ descriptor: FileDescriptor) -> [UInt64]? {
    var status = stat()
    return unsafe fstat(descriptor.rawValue, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }

  /// How many sockets this process has.
  ///
  /// Means something only where no other thread makes any. Sockets alone, since the runtime opens files of its own.
  static func openSockets() -> Int {
    (0..<CInt(1024)).count { descriptor in
      var status = stat()
      return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }
  }

  static var processID: Int32 { getpid() }
  static var userID: UInt32 { geteuid() }
  static var groupID: UInt32 { getegid() }

  /// Sets how high the numbers of new descriptors may be: whose is higher stays open.
  ///
  /// For a process of its own.
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
