// swift-tools-version: 6.2
import PackageDescription

/// Strict in every library: the compiler proves what it can.
///
/// Warnings are errors in `.ci/run` and not here: a build system that silences a dependency's warnings does not take both
/// settings.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
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

/// Runs kqueue(2)'s backend on Linux, over this repository's test double of it instead of epoll: for tests alone.
///
///     swift test --traits KqueueModel --scratch-path .build-kqueue
///
/// The double is like FreeBSD's, or what KQUEUE_MODEL_PROFILE says when the tests run: xnu, openbsd, netbsd.
/// Swift code asks `#if KqueueModel`; C code finds a `<sys/event.h>`.
let model: Trait = .trait(
  name: "KqueueModel", description: "For Amy's own tests: kqueue's backend on Linux, over a test double of kqueue(2).")
let overModel: TargetDependencyCondition? = .when(traits: ["KqueueModel"])
let kqueueModel: Target.Dependency = .target(name: "KqueueModel", condition: overModel)

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "swift-amy",
  // Not watchOS: some of its devices have pointers of 32 bits, and a kevent's user data hold 64 here.
  platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .visionOS(.v2)],
  products: [
    .library(name: "Amy", targets: ["Amy"]),
    .library(name: "AmySockets", targets: ["AmySockets"]),
    .library(name: "AmyStreams", targets: ["AmyStreams"]),
    .library(name: "AmyThreads", targets: ["AmyThreads"]),
  ],
  traits: [model],
  dependencies: [
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0")
  ],
  targets: [
    .target(name: "CAmy", dependencies: [kqueueModel]),
    .target(name: "Amy", dependencies: ["CAmy", system], swiftSettings: strict),
    .target(name: "AmySockets", dependencies: ["Amy", "CAmy", system], swiftSettings: strict),
    .target(name: "AmyStreams", dependencies: ["Amy", "AmySockets", system], swiftSettings: strict),
    .target(name: "CAmyThreads"),
    .target(name: "AmyThreads", dependencies: ["Amy", "CAmyThreads", system], swiftSettings: strict),

    // Tools links to this, and to the folder Process of the next but one: what tests and the program ask of the process.
    .target(name: "CAmyProcess", path: "Tests/CAmyProcess"),
    .target(name: "CAmyTestSupport", path: "Tests/CAmyTestSupport"),
    .target(
      name: "AmyTestSupport",
      dependencies: ["Amy", "AmySockets", "AmyThreads", "CAmy", "CAmyProcess", "CAmyTestSupport", system],
      path: "Tests/AmyTestSupport",
      swiftSettings: lenient),
    .executableTarget(
      name: "AsyncMainSignals", dependencies: ["Amy", "AmyTestSupport", "AmyThreads", system], path: "Tests/AsyncMainSignals",
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
      name: "AmyFramingTests", dependencies: ["AmyStreams", "AmyTestSupport", "CAmyTestSupport"], swiftSettings: lenient),
    .testTarget(
      name: "AmyStreamsTests",
      dependencies: ["Amy", "AmySockets", "AmyStreams", "AmyThreads", "AmyTestSupport", "CAmyTestSupport", system],
      swiftSettings: lenient),
    .testTarget(
      name: "AmyThreadsTests",
      dependencies: ["Amy", "AmyThreads", "AmyTestSupport", "CAmyTestSupport", system],
      swiftSettings: lenient),
    .testTarget(name: "TidyTests", swiftSettings: lenient),

    // The double and its tests: empty without the trait.
    .target(name: "KqueueModel", path: "Verification/kqueue/KqueueModel", exclude: ["FACTS.md"]),
    .target(
      name: "CKqueueModelTests", dependencies: [kqueueModel], path: "Verification/kqueue/CKqueueModelTests"),
    .testTarget(
      name: "KqueueModelTests", dependencies: [kqueueModel, "CKqueueModelTests", "CAmyTestSupport"],
      path: "Verification/kqueue/KqueueModelTests", swiftSettings: lenient),
    .testTarget(
      name: "KqueueBackendTests",
      dependencies: [
        "CKqueueModelTests", "CAmyTestSupport", "Amy", "AmySockets", "AmyTestSupport", "AmyThreads", "CAmy", system,
      ],
      path: "Verification/kqueue/KqueueBackendTests", swiftSettings: lenient),
  ]
)
