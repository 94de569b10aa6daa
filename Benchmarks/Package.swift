// swift-tools-version: 6.2
import PackageDescription

// A package of its own: whoever uses Amy never builds it. `Benchmarks/gate` counts what these programs cost.

let package = Package(
  name: "amy-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "swift-amy", path: "..")],
  targets: [
    // What the programs share: a clock, a thread, numbers that look random.
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
