// swift-tools-version: 6.2
import PackageDescription

// A separate package: users of Amy never build it. `Benchmarks/gate` counts the costs of these programs.

let package = Package(
  name: "amy-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "swift-amy", path: "..")],
  targets: [
    // Shared by the programs: a clock, a thread, pseudorandom numbers.
    .target(name: "CSupport"),
    .target(name: "Support", swiftSettings: [.swiftLanguageMode(.v6)]),
  ]
    + ["messages", "registration", "ring", "streams", "table", "timers", "waiting"].map { name in
      .executableTarget(
        name: name,
        dependencies: ["CSupport", "Support", .product(name: name == "streams" ? "AmyStreams" : "Amy", package: "swift-amy")],
        swiftSettings: [.swiftLanguageMode(.v6)])
    } + [
      // Every operation whose cost the documentation states, once.
      .executableTarget(
        name: "costs",
        dependencies: [
          "Support", .product(name: "Amy", package: "swift-amy"), .product(name: "AmySockets", package: "swift-amy"),
          .product(name: "AmyStreams", package: "swift-amy"), .product(name: "AmyThreads", package: "swift-amy"),
        ],
        swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
