// swift-tools-version: 6.2
// Programs to copy: each folder of Sources stands alone, on Amy's products. See README.md.
import PackageDescription

let amy = ["Amy", "AmySockets", "AmyStreams", "AmyThreads"].map { Target.Dependency.product(name: $0, package: "swift-amy") }

let package = Package(
  name: "amy-examples",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "swift-amy", path: "..")],
  targets: ["EchoOneThread", "EchoShared", "EchoSharded", "Chat"].map { .executableTarget(name: $0, dependencies: amy) } + [
    .testTarget(name: "ChatTests", dependencies: amy + ["Chat"])
  ]
)
