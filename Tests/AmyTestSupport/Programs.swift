import Foundation

package enum Programs {
  /// Returns the path of a program, next to the tests' program.
  package static func url(of name: String) -> URL {
    tests.deletingLastPathComponent().appending(path: name)
  }

  /// The path of this process's program on Linux; on Darwin a program of the system runs the tests, a bundle.
  private static var tests: URL {
    let linked = URL(filePath: "/proc/self/exe")
    if FileManager.default.fileExists(atPath: linked.path) { return linked.resolvingSymlinksInPath() }
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
    return bundle?.bundleURL ?? URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
  }
}
