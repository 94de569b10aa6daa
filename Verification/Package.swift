// swift-tools-version: 6.2
// What `faults` runs: a package of its own, so that whoever uses Amy never builds it.
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
