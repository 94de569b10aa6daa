// swift-tools-version: 6.2
// The program `amy`. It is a separate package, so that users of Amy do not resolve or build its dependencies.
import PackageDescription

/// The same strictness as the libraries.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Tests may use unsafe memory and import anything.
let lenient: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A product of the surrounding package, whatever the folder of the clone is called.
func amy(_ product: String) -> Target.Dependency { .product(name: product, package: "swift-amy") }

let libraries = ["Amy", "AmySockets", "AmyStreams", "AmyThreads"].map(amy)
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "amy-tools",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "amy", targets: ["AmyTool"])
  ],
  traits: [
    // swift test --package-path Tools --traits KqueueModel --scratch-path .build-kqueue-tools
    .trait(name: "KqueueModel", description: "Runs the program over Amy's test double of kqueue(2), on Linux.")
  ],
  dependencies: [
    .package(
      name: "swift-amy", path: "..", traits: [.trait(name: "KqueueModel", condition: .when(traits: ["KqueueModel"]))]),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    // Children, signals and limits. A link, as AmyTool/Process is: the libraries' tests use the same C code, and a package
    // cannot use a target of another package that is not a product.
    .target(name: "CAmyProcess"),
    .target(name: "CAmyTool"),
    .executableTarget(
      name: "AmyTool",
      dependencies: libraries + [
        "CAmyProcess", "CAmyTool", system,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      swiftSettings: strict),
    .testTarget(name: "AmyToolTests", dependencies: libraries + ["AmyTool", system], swiftSettings: lenient),
  ]
)
