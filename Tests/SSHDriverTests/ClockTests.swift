import DriverKit
import FoundationEssentials
import Glibc
import Model
import TestSupport
import Testing

@testable import SSHDriver

/// Hosts whose clock is off.
@Suite(.fewAtOnce) struct ClockTests {
    /// The library that shows programs another time.
    private static let library: String? = {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        return folders.map { "/usr/lib/\($0)/faketime/libfaketime.so.1" }.first { access($0, F_OK) == 0 }
    }()

    /// A workload with a file and the release of a version.
    private func target(_ bench: Bench, on name: String, _ version: Int) async throws -> InstanceTarget {
        let root = try await bench.root(name)
        let build = "\(bench.folder)/build-\(name)-\(version)"
        try FileManager.default.createDirectory(atPath: build, withIntermediateDirectories: true)
        try TestFile.write(build + "/version", "\(version)")
        try await TestTool.run("tar", ["-czf", build + ".tar.gz", "-C", build, "version"], in: bench.folder)
        let files: Value = .list([.text(root + "/conf", "conf \(version)")])
        let release: [String: Value] = [
            "path": .string(root + "/app"), "archive": .string("app.tar.gz"), "keep": .int(2),
        ]
        var target = try await bench.target(on: name, ["files": files, "release": .map(release)])
        try FileManager.default.copyItem(atPath: build + ".tar.gz", toPath: target.folder + "/app.tar.gz")
        let file = SourceFile(path: "app.tar.gz", kind: .file, id: "\(bench.folder)-\(name)-\(version)", size: 1)
        target.deployable.files = [file]
        target.deployable.digest = bench.driver.digest(block: target.deployable.block, files: [file])
        return target
    }

    /// Brings a version, and says which are kept then.
    private func bring(_ version: Int, _ bench: Bench, on name: String) async throws -> [String] {
        let next = try await target(bench, on: name, version)
        let report = await bench.driver.apply(next)
        #expect(report.observed == next.inPlace, "\(report)")
        for _ in 1...2 { #expect(await bench.observe(next) == next.inPlace) }
        return try await kept(bench, on: name)
    }

    private func kept(_ bench: Bench, on name: String) async throws -> [String] {
        let folder = try await bench.root(name) + "/app/releases"
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .map { try TestFile.read("\(folder)/\($0)/version") }.sorted()
    }

    @Test(arguments: ["+365d", "-16900d"]) func aClockThatIsFarOff(_ offset: String) async throws {
        guard let library = Self.library else { try Test.cancel("libfaketime is missing; make setup installs it") }
        try await Bench.with([]) { bench in
            let host = try await bench.fleet.add(
                "odd",
                environment: [
                    "LD_PRELOAD": library, "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKE_UTIME": "1",
                ])
            let now = try await TestTool.run("date", ["+%Y"], in: "/").trimmingBlanks
            let told = try await bench.target(on: "odd", ["health": .string("date +%Y; false")])
            let words = await bench.driver.health(told)?.commands.first?.output ?? now
            #expect(words != now && Int(words) != nil, "the clock is off")

            for (version, wanted) in [
                (1, ["1"]), (2, ["1", "2"]), (3, ["2", "3"]), (2, ["2", "3"]), (4, ["2", "4"]),
            ] {
                #expect(try await bring(version, bench, on: "odd") == wanted)
            }
            // A time alone is no drift; other bytes are, whatever their time.
            let last = try await target(bench, on: "odd", 4)
            for date in ["1971-01-01", "2037-01-01"] {
                try await TestTool.run("touch", ["-d", date, host.root + "/conf"], in: "/")
                #expect(await bench.observe(last) == last.inPlace)
            }
            try TestFile.write(host.root + "/conf", "conf X")
            try await TestTool.run("touch", ["-d", "1971-01-01", host.root + "/conf"], in: "/")
            #expect(await bench.observe(last) == .running("\(host.root)/conf differs"))
            #expect(await bench.driver.apply(last).observed == last.inPlace)
        }
    }

    /// A clock that was ahead and is put right, or one that falls back: what was brought by the other time is not newer for
    /// ever.
    @Test(arguments: ["dash", "busybox"]) func aClockThatIsPutRight(_ shell: String) async throws {
        try await Bench.with([]) { bench in
            let root = try await bench.shellHost(shell).root
            _ = try await bring(1, bench, on: shell)
            #expect(try await bring(2, bench, on: shell) == ["1", "2"])
            // What the kernel would have written down.
            for name in try FileManager.default.contentsOfDirectory(atPath: root + "/app/releases") {
                let path = "\(root)/app/releases/\(name)"
                let version = try TestFile.read(path + "/version")
                try await TestTool.run("touch", ["-d", "2037-01-0\(version) 12:00", path], in: "/")
            }
            #expect(try await bring(3, bench, on: shell) == ["2", "3"])
            // A busybox tells no two of one second apart.
            try await Task.sleep(for: .milliseconds(1100))
            #expect(try await bring(4, bench, on: shell) == ["3", "4"])
        }
    }
}
