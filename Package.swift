// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A room of the house: its name, what it may import (`docs/architecture.md` lists the same, a test compares them).
func room(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nio: [Target.Dependency] = ["NIOCore", "NIOPosix", "NIOHTTP1"].map { .product(name: $0, package: "swift-nio") }
let tls: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "reconcile",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "reconcile", targets: ["reconcile"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.36.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        room("Model", [crypto]),
        room("Manifests", ["Model", yams]),
        room("Planning", ["Model"]),
        .systemLibrary(name: "CProcess"),
        room("Processes", ["CProcess", "Model", heap]),
        room("Git", ["CLibGit2", "CProcess", "Model", "Processes", crypto]),
        room("Checks", ["Model", "Processes", httpClient] + nio),
        room("Traffic", ["Model", "Processes", "Checks"] + nio),
        room("DriverKit", ["Model", "Processes"]),
        room("DriverConformance", ["Model", "Processes", "DriverKit"]),
        room("ShellDriver", ["Model", "Processes", "DriverKit"], path: "Sources/Drivers/ShellDriver"),
        room(
            "ContainerDriver", ["Model", "Processes", "DriverKit", httpClient, tls] + nio,
            path: "Sources/Drivers/ContainerDriver"),
        room(
            "SSHDriver", ["Model", "Processes", "DriverKit", crypto], path: "Sources/Drivers/SSHDriver"),
        room("History", ["Model", "Processes", grdb]),
        room("Engine", ["Model", "Manifests", "Planning", "Processes", "Checks", "Traffic", "DriverKit", "History"]),
        room("Control", ["Processes"]),
        room(
            "Commands",
            [
                "Model", "Manifests", "Processes", "Git", "Checks", "DriverKit", "DriverConformance", "ShellDriver",
                "ContainerDriver", "SSHDriver", "History", "Engine", "Control", arguments,
            ]),
        room("Manual", ["Manifests", "Commands"]),
        .executableTarget(name: "reconcile", dependencies: ["Commands", "Git"], swiftSettings: settings),
        room("TestSupport", ["Model", "Processes"], path: "Tests/TestSupport"),
        tests("ArchitectureTests", []),
        tests("ModelTests", ["Model"]),
        tests(
            "ManifestsTests",
            ["Model", "Manifests", "Processes", "ContainerDriver", "SSHDriver", "ShellDriver", "TestSupport"]),
        tests("PlanningTests", ["Model", "Planning"]),
        tests("ProcessesTests", ["Model", "Processes", "TestSupport"]),
        tests("GitTests", ["Model", "Processes", "Git", "TestSupport", "reconcile"]),
        tests("ChecksTests", ["Model", "Processes", "Checks", "TestSupport"]),
        tests("TrafficTests", ["Model", "Processes", "Checks", "Traffic", "TestSupport"]),
        tests("DriverKitTests", ["Model", "Processes", "DriverKit", "TestSupport"]),
        tests(
            "DriverConformanceTests",
            ["Model", "Processes", "DriverKit", "DriverConformance", "ShellDriver", "TestSupport"]),
        tests("ShellDriverTests", ["Model", "Processes", "DriverKit", "ShellDriver", "TestSupport"]),
        tests(
            "ContainerDriverTests",
            ["Model", "Processes", "DriverKit", "DriverConformance", "ContainerDriver", "TestSupport"]),
        tests(
            "SSHDriverTests",
            ["Model", "Processes", "DriverKit", "DriverConformance", "SSHDriver", "TestSupport"]),
        tests("HistoryTests", ["Model", "History", grdb]),
        tests(
            "EngineTests",
            [
                "Model", "Processes", "Checks", "DriverKit", "Engine", "History", "Planning", "Traffic", "TestSupport",
            ]),
        tests("ControlTests", ["Control", "TestSupport"]),
        tests("CommandsTests", ["Model", "Git", "History", "Engine", "Commands", "TestSupport", arguments]),
        tests("ManualTests", ["Model", "Processes", "Commands", "Manual", "TestSupport", "reconcile"]),
        .testTarget(
            name: "EndToEndTests", dependencies: ["Model", "Processes", "TestSupport", "reconcile"],
            path: "Tests/EndToEnd", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
