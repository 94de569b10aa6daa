// swift-tools-version: 6.2
// The program that `faults` runs: a separate package, so that users of Amy never build it.
import PackageDescription

let package = Package(
  name: "amy-verification",
  dependencies: [.package(name: "swift-amy", path: "..")],
  targets: [
    .executableTarget(
      name: "exercise",
      dependencies: [
        .product(name: "Amy", package: "swift-amy"), .product(name: "AmySockets", package: "swift-amy"),
      ],
      path: "faults/exercise")
  ]
)
