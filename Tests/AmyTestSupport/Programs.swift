import Foundation

/// The package's own programs, for tests to run.
package enum Programs {
  /// The package manager puts them beside that of the tests.
  package static func url(of name: String) -> URL {
    tests.deletingLastPathComponent().appending(path: name)
  }

  /// What Linux calls this process's program; on Darwin the tests are a bundle, which a program of the system's runs.
  private static var tests: URL {
    let linked = URL(filePath: "/proc/self/exe")
    if FileManager.default.fileExists(atPath: linked.path) { return linked.resolvingSymlinksInPath() }
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
    return bundle?.bundleURL ?? URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
  }
}
