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

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "swift-amy",
  platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
  products: [
    .library(name: "Amy", targets: ["Amy"]),
    .library(name: "AmySockets", targets: ["AmySockets"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0")
  ],
  targets: [
    .target(name: "CAmy"),
    .target(name: "Amy", dependencies: ["CAmy", system], swiftSettings: strict),
    .target(name: "AmySockets", dependencies: ["Amy", "CAmy", system], swiftSettings: strict),
    .target(name: "CAmyThreads", dependencies: ["CAmy"]),
    .target(name: "AmyThreads", dependencies: ["CAmy", "CAmyThreads"], swiftSettings: strict),

    .target(name: "CAmyTestSupport", path: "Tests/CAmyTestSupport"),
    .target(
      name: "AmyTestSupport", dependencies: ["Amy", "AmySockets", "AmyThreads", "CAmyTestSupport", system],
      path: "Tests/AmyTestSupport",
      swiftSettings: lenient),
    .testTarget(
      name: "AmyTests", dependencies: ["Amy", "AmySockets", "AmyThreads", "AmyTestSupport", "CAmyTestSupport", system],
      swiftSettings: lenient),
    .testTarget(
      name: "AmySocketsTests", dependencies: ["Amy", "AmySockets", "AmyThreads", "AmyTestSupport", system],
      swiftSettings: lenient),
    .testTarget(name: "TidyTests", swiftSettings: lenient),
  ]
)

// The program. SwiftPM resolves all that a manifest names, needed or not: so a package that depends on the libraries, which
// reads this manifest from the repository itself or from a checkout, is not told of what the program alone stands on.
if Context.packageDirectory != "/", !Context.packageDirectory.contains("/checkouts/") {
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
        "Amy", "AmySockets", "AmyThreads", system,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "AmyDemoTests", dependencies: ["amy-demo", "Amy", "AmySockets", "AmyThreads", system], swiftSettings: lenient),
  ]
}
