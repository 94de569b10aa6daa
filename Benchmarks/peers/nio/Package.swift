// swift-tools-version: 6.2
import PackageDescription

// A separate package, so that only comparisons resolve and build SwiftNIO:
//
//     swift run -c release --package-path Benchmarks/peers/nio nio lines nio 4000

let package = Package(
  name: "amy-peers-nio",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "swift-amy", path: "../../.."),
    .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.24.0"),
  ],
  targets: [
    .executableTarget(
      name: "nio",
      dependencies: [
        .product(name: "AmyStreams", package: "swift-amy"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOExtras", package: "swift-nio-extras"),
      ],
      swiftSettings: [.swiftLanguageMode(.v6)])
  ]
)
