// swift-tools-version: 6.2
import PackageDescription

/// Strict in every target that is ours: what the compiler can prove, it is asked to prove.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Tests may touch memory and import what they like.
let lenient: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Which kqueue(2) Amy is to stand on instead of epoll, on Linux, so that its backend for macOS and the BSDs is tested there.
///
/// `model` is this repository's test double (Tests/KqueueModel/FACTS.md), `libkqueue` an installed library. Unset for
/// everybody else, who has none of this.
///
///     AMY_KQUEUE=model swift test --scratch-path .build-model
let kqueue = Context.environment["AMY_KQUEUE"]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let kqueueDependencies: [Target.Dependency] =
  switch kqueue {
  case "model": ["KqueueModel"]
  case "libkqueue": ["Clibkqueue"]
  default: []
  }

let kqueueTargets: [Target] =
  switch kqueue {
  case "model":
    [
      .target(name: "KqueueModel", path: "Tests/KqueueModel", exclude: ["FACTS.md"]),
      .target(name: "CKqueueModelTests", dependencies: ["KqueueModel"], path: "Tests/CKqueueModelTests"),
      .testTarget(
        name: "KqueueModelTests", dependencies: ["KqueueModel", "CKqueueModelTests", "CAmyTestSupport"], swiftSettings: lenient),
      .testTarget(
        name: "KqueueBackendTests",
        dependencies: [
          "CKqueueModelTests", "CAmyTestSupport", "Amy", "AmySockets", "AmyTestSupport", "AmyThreads", "CAmy", system,
        ],
        swiftSettings: lenient),
    ]
  case "libkqueue":
    [
      .systemLibrary(
        name: "Clibkqueue", path: "Tests/Clibkqueue", pkgConfig: "libkqueue", providers: [.apt(["libkqueue-dev"])])
    ]
  default: []
  }

/// Says it in Swift; in C, that there is a `<sys/event.h>` says it.
let kqueueSettings: [SwiftSetting] = kqueueDependencies.isEmpty ? [] : [.define("AMY_KQUEUE")]

let package = Package(
  name: "swift-amy",
  // Not watchOS: some of its devices have pointers of 32 bits, and a kevent's user data hold 64 here.
  platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .visionOS(.v2)],
  products: [
    .library(name: "Amy", targets: ["Amy"]),
    .library(name: "AmySockets", targets: ["AmySockets"]),
    .library(name: "AmyFraming", targets: ["AmyFraming"]),
    .library(name: "AmyStreams", targets: ["AmyStreams"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0")
  ],
  targets: [
    .target(name: "CAmy", dependencies: kqueueDependencies),
    .target(name: "Amy", dependencies: ["CAmy", system], swiftSettings: strict + kqueueSettings),
    .target(name: "AmySockets", dependencies: ["Amy", "CAmy", system], swiftSettings: strict),
    .target(name: "AmyFraming", swiftSettings: strict),
    .target(name: "AmyStreams", dependencies: ["Amy", "AmySockets", "AmyFraming", system], swiftSettings: strict),
    .target(name: "CAmyThreads", dependencies: ["CAmy"]),
    .target(name: "AmyThreads", dependencies: ["CAmy", "CAmyThreads"], swiftSettings: strict),

    .target(name: "CAmyTestSupport", path: "Tests/CAmyTestSupport"),
    .target(
      name: "AmyTestSupport", dependencies: ["Amy", "AmySockets", "AmyThreads", "CAmyTestSupport", system],
      path: "Tests/AmyTestSupport",
      swiftSettings: lenient + kqueueSettings),
    .executableTarget(
      name: "AsyncMainSignals", dependencies: ["Amy", "AmyThreads", system], path: "Tests/AsyncMainSignals",
      swiftSettings: lenient),
    // For Benchmarks/path.
    .executableTarget(name: "MessagePath", dependencies: ["Amy"], path: "Tests/MessagePath", swiftSettings: lenient),
    .testTarget(
      name: "AmyTests",
      dependencies: ["Amy", "AmySockets", "AmyThreads", "AmyTestSupport", "AsyncMainSignals", "CAmyTestSupport", system],
      swiftSettings: lenient),
    .testTarget(
      name: "AmySocketsTests", dependencies: ["Amy", "AmySockets", "AmyThreads", "AmyTestSupport", system],
      swiftSettings: lenient),
    .testTarget(
      name: "AmyFramingTests", dependencies: ["AmyFraming", "AmyTestSupport", "CAmyTestSupport"], swiftSettings: lenient),
    .testTarget(
      name: "AmyStreamsTests",
      dependencies: [
        "Amy", "AmySockets", "AmyFraming", "AmyStreams", "AmyThreads", "AmyTestSupport", "CAmyTestSupport", system,
      ],
      swiftSettings: lenient),
    .testTarget(name: "TidyTests", swiftSettings: lenient),
  ] + kqueueTargets
)

// The program. SwiftPM resolves all that a manifest names, needed or not: so a package that depends on the libraries, which
// reads this manifest from the repository itself or from a checkout, is not told of what the program alone stands on. Nor is
// whoever says that he does without: AMY_PROGRAM=no.
let isDependency = Context.packageDirectory == "/" || Context.packageDirectory.contains("/checkouts/")
if !isDependency, Context.environment["AMY_PROGRAM"] != "no" {
  package.products.append(.executable(name: "amy-demo", targets: ["amy-demo"]))
  package.dependencies += [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ]
  package.targets += [
    .executableTarget(
      name: "amy-demo",
      dependencies: [
        "Amy", "AmySockets", "AmyFraming", "AmyStreams", "AmyThreads", system,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "AmyDemoTests",
      dependencies: ["amy-demo", "Amy", "AmySockets", "AmyFraming", "AmyStreams", "AmyThreads", "AmyTestSupport", system],
      swiftSettings: lenient),
  ]
}
