import DriverKit
import FoundationEssentials
import Model
import Processes
import SSHDriver
import TestSupport

/// A driver with real hosts.
struct Bench: Sendable {
    let fleet: SSHFleet
    let driver: SSHDriver
    let folder: String

    static func with<R: Sendable>(
        _ names: [String] = ["alpha"], _ body: (Bench) async throws -> R
    ) async throws -> R {
        try await SSHFleet.with(names) { fleet in
            let bench = Bench(fleet: fleet, driver: Self.driver(), folder: fleet.folder)
            do {
                let result = try await body(bench)
                await bench.driver.close()
                return result
            } catch {
                await bench.driver.close()
                throw error
            }
        }
    }

    static func driver(owner: Owner? = nil) -> SSHDriver {
        SSHDriver(
            runner: ProcessRunner(), slots: Slots(16),
            baseEnvironment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"], state: "/nonexistent", owner: owner)
    }

    /// The part of a block that says where it is.
    func host(_ name: String, _ more: [String: Value] = [:]) async throws -> Value {
        let host = try await fleet.host(name)
        let entries: [String: Value] = [
            "name": .string(name), "address": .string("127.0.0.1"), "port": .int(host.port),
            "identity": .string(fleet.identity), "known_hosts": .string(await fleet.knownHosts),
            "config": .string("/dev/null"), "connect_timeout": .int(90_000), "keep_alive": .int(30_000),
        ]
        return .map(entries.merging(more) { $1 })
    }

    /// A deployable on a host, with files of the source that are written to a folder of their own.
    func deployable(
        on name: String = "alpha", _ block: [String: Value], sources: [String: String] = [:],
        host more: [String: Value] = [:]
    ) async throws -> (Deployable, folder: String) {
        var block = block
        block["host"] = try await host(name, more)
        let folder = self.folder + "/source-\(UInt64.random(in: 0 ... .max))"
        var files: [SourceFile] = []
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (path, text) in sources.sorted(by: { $0.key < $1.key }) {
            let full = folder + "/" + path
            try FileManager.default.createDirectory(
                atPath: String(full[..<(full.lastIndex(of: "/") ?? full.endIndex)]), withIntermediateDirectories: true)
            try TestFile.write(full, text)
            files.append(SourceFile(path: path, kind: .file, id: Digest(ofText: text).hex, size: text.utf8.count))
        }
        let deployable = Deployable(
            driver: "ssh", block: .map(block), files: files, digest: driver.digest(block: .map(block), files: files),
            health: nil)
        return (deployable, folder)
    }

    func target(
        on name: String = "alpha", _ block: [String: Value], sources: [String: String] = [:],
        host more: [String: Value] = [:],
        before: InstanceTarget.Before? = nil
    ) async throws -> InstanceTarget {
        let (deployable, folder) = try await deployable(on: name, block, sources: sources, host: more)
        return InstanceTarget(
            environment: "test", workload: "web", instance: "web@\(name)", index: 1,
            commit: String(repeating: "0", count: 40), deployable: deployable, folder: folder, before: before)
    }

    /// A host whose `sh` is this shell; with busybox nothing else is there, either.
    func shellHost(_ shell: String) async throws -> SSHHost {
        let bin = folder + "/bin-" + shell
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
        let program = try TestTool.path(of: shell).orThrow(shell)
        if shell == "busybox" {
            try await TestTool.run(program, ["--install", "-s", bin], in: folder)
        } else {
            try FileManager.default.createSymbolicLink(atPath: bin + "/sh", withDestinationPath: program)
        }
        return try await fleet.add(
            shell, environment: ["PATH": shell == "busybox" ? bin : bin + ":/usr/bin:/bin"],
            forced: "exec \(bin)/sh -c \"$SSH_ORIGINAL_COMMAND\"")
    }

    func observe(_ target: InstanceTarget) async -> Observation {
        await driver.observe([target]).first ?? .unknown("no answer")
    }

    /// The folder that stands for a host's disk.
    func root(_ name: String = "alpha") async throws -> String { try await fleet.host(name).root }
}

extension Observation {
    var isUnknown: Bool { if case .unknown = self { true } else { false } }

    /// Why it is unknown, or what runs.
    var words: String {
        switch self {
        case .unknown(let text), .running(let text): text
        case .absent: "absent"
        }
    }
}

extension InstanceTarget {
    var inPlace: Observation { .running(deployable.digest.hex) }
}

extension Value {
    static func entry(_ path: String, _ more: [String: Value]) -> Value {
        .map(["path": .string(path)].merging(more) { $1 })
    }

    static func text(_ path: String, _ content: String) -> Value { entry(path, ["content": .string(content)]) }
}

extension String? {
    fileprivate func orThrow(_ name: String) throws -> String {
        guard let self else { throw TestSupportError("\(name) is not installed") }
        return self
    }
}
