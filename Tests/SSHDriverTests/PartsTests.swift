import DriverKit
import FoundationEssentials
import Glibc
import Model
import Processes
import TestSupport
import Testing

@testable import SSHDriver

/// Releases, units, packages and commands.
@Suite(.fewAtOnce) struct PartsTests {
    private func archive(_ version: String, in folder: String) async throws -> String {
        let place = "\(folder)/build-\(version)/app-\(version)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        try TestFile.write(place + "/version", version)
        let name = "app-\(version).tar.gz"
        try await TestTool.run(
            "tar", ["-czf", "\(folder)/\(name)", "-C", "\(folder)/build-\(version)", "app-\(version)"], in: folder)
        return "\(folder)/\(name)"
    }

    private func release(
        _ bench: Bench, on name: String, _ version: String, before: InstanceTarget.Before? = nil, keep: Int = 3
    ) async throws -> InstanceTarget {
        let root = try await bench.root(name)
        let path = try await archive(version, in: bench.folder)
        var target = try await bench.target(
            on: name,
            [
                "release": .map([
                    "path": .string(root + "/srv/app"), "archive": .string("app.tar.gz"), "strip": .int(1),
                    "keep": .int(keep),
                ])
            ], before: before)
        try FileManager.default.copyItem(atPath: path, toPath: target.folder + "/app.tar.gz")
        let file = SourceFile(path: "app.tar.gz", kind: .file, id: "id-of-\(bench.folder)-\(version)", size: 1)
        target.deployable.files = [file]
        target.deployable.digest = bench.driver.digest(block: target.deployable.block, files: [file])
        return target
    }

    @Test(arguments: ["dash", "busybox"]) func aReleaseIsSwitchedAndSwitchedBack(_ shell: String) async throws {
        try await Bench.with { bench in
            let host = try await bench.shellHost(shell)
            let current = host.root + "/srv/app/current/version"
            let releases = host.root + "/srv/app/releases"
            let one = try await release(bench, on: shell, "1")
            #expect(await bench.observe(one) == .absent)
            let report = await bench.driver.apply(one)
            #expect(report.observed == one.inPlace, "\(report)")
            #expect(try TestFile.read(current) == "1")
            // The host still has the script by which it was asked before the act.
            for _ in 1...2 { #expect(await bench.observe(one) == one.inPlace) }
            let two = try await release(bench, on: shell, "2")
            #expect(await bench.observe(two) == one.inPlace)
            #expect(await bench.driver.apply(two).observed == two.inPlace)
            #expect(try TestFile.read(current) == "2")
            // Back is one rename: nothing is unpacked.
            let back = await bench.driver.apply(one)
            #expect(back.observed == one.inPlace)
            #expect(back.commands.first?.output.contains("unpacked") == false, "\(back.commands)")
            #expect(try TestFile.read(current) == "1")
            for version in ["3", "4", "5"] {
                let next = try await release(bench, on: shell, version)
                #expect(await bench.driver.apply(next).observed == next.inPlace)
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: releases).count == 3)
            #expect(try TestFile.read(current) == "5")
            let last = try await release(bench, on: shell, "5")
            #expect(await bench.driver.remove(last).observed == .absent)
            #expect(try FileManager.default.contentsOfDirectory(atPath: host.root) == ["srv"])
        }
    }

    @Test func aReleaseFromAnAddressIsChecked() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            let path = try await archive("9", in: bench.folder)
            let sum = try await TestTool.run("sha256sum", [path], in: bench.folder).prefix(64)
            let port = try TestServer.freePort()
            let command = Command(
                "busybox", ["httpd", "-f", "-p", "127.0.0.1:\(port)", "-h", bench.folder],
                environment: ["PATH": "/usr/bin:/bin"], timeout: .seconds(60))
            try await TestServer.run(command, port: port) {
                func target(_ sum: String, _ name: String) async throws -> InstanceTarget {
                    try await bench.target([
                        "release": .map([
                            "path": .string(root + "/app"), "url": .string("http://127.0.0.1:\(port)/\(name)"),
                            "sha256": .string(sum),
                        ])
                    ])
                }
                let wrong = try await target(String(repeating: "0", count: 64), "app-9.tar.gz")
                #expect(await bench.driver.apply(wrong).failure?.contains("its SHA-256 is \(sum)") == true)
                let missing = try await target(String(sum), "none.tar.gz")
                #expect(await bench.driver.apply(missing).failure?.contains("fetching http") == true)
                let right = try await target(String(sum), "app-9.tar.gz")
                let report = await bench.driver.apply(right)
                #expect(report.observed == right.inPlace, "\(report)")
                #expect(try TestFile.read(root + "/app/current/app-9/version") == "9")
            }
        }
    }

    @Test func commandsRunWhenTheyShould() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            try TestFile.write(bench.folder + "/secret", "planted-6611\n")
            func target(_ text: String, _ version: String) async throws -> InstanceTarget {
                try await bench.target([
                    "vars": .map(["ROOT": .string(root), "TOKEN": .secret(.file(bench.folder + "/secret"))]),
                    "files": .list([.text(root + "/conf", text)]),
                    "commands": .list([
                        .map([
                            "name": .string("schema"), "env": .map(["VERSION": .string(version)]),
                            "observe": .string(#"cat "$ROOT/schema" 2>/dev/null || true"#),
                            "apply": .string(
                                #"echo "to $VERSION with $TOKEN"; echo "$RECONCILE_DIGEST" >"$ROOT/schema""#),
                            "remove": .string(#"rm -f "$ROOT/schema""#),
                        ]),
                        .map([
                            "name": .string("told"), "apply": .string(#"echo x >>"$ROOT/told""#),
                            "on_change": .list([.string(root + "/conf")]),
                        ]),
                    ]),
                ])
            }
            let first = try await target("1", "1")
            #expect(await bench.observe(first) == .absent)
            let report = await bench.driver.apply(first)
            #expect(report.observed == first.inPlace, "\(report)")
            try #require(report.commands.map(\.purpose) == ["apply", "schema", "told"])
            #expect(report.commands[1].output == "to 1 with (secret)")
            #expect(try TestFile.read(root + "/told") == "x\n")
            // Another environment of the command: only that runs.
            let second = try await target("1", "2")
            #expect(await bench.observe(second) == first.inPlace)
            #expect(await bench.driver.apply(second).commands.map(\.purpose) == ["apply", "schema"])
            let third = try await target("3", "2")
            #expect(await bench.driver.apply(third).commands.map(\.purpose) == ["apply", "told"])
            try TestFile.write(root + "/schema", "other\n")
            #expect(await bench.observe(third) == .running("schema is not in place"))
            #expect(await bench.driver.remove(third).observed == .absent)
            #expect(try FileManager.default.contentsOfDirectory(atPath: root) == ["told"])
        }
    }

    @Test func aCommandWithoutRemoveKeepsNothingFromGoing() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            let target = try await bench.target([
                "vars": .map(["ROOT": .string(root)]), "files": .list([.text(root + "/conf", "1")]),
                "commands": .list([
                    .map([
                        "name": .string("schema"), "observe": .string(#"cat "$ROOT/schema" 2>/dev/null || true"#),
                        "apply": .string(#"echo "$RECONCILE_DIGEST" >"$ROOT/schema""#),
                    ])
                ]),
            ])
            #expect(await bench.driver.apply(target).observed == target.inPlace)
            #expect(await bench.driver.remove(target).observed == .absent)
            #expect(try FileManager.default.contentsOfDirectory(atPath: root) == ["schema"])
        }
    }

    /// A change is made, and we are cut off before who waits for it is told: the next act tells.
    @Test func whoWaitsForAChangeIsToldEvenLater() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            let target = try await bench.target([
                "files": .list([.text(root + "/conf", "1")]),
                "commands": .list([
                    .map([
                        "name": .string("told"), "apply": .string("test -e '\(root)/ready' && echo x >>'\(root)/told'"),
                        "on_change": .list([.string(root + "/conf")]),
                    ])
                ]),
            ])
            #expect(await bench.driver.apply(target).failure == "told exited 1")
            #expect(await bench.observe(target) == .running("told has to be told of a change"))
            try TestFile.write(root + "/ready", "")
            #expect(await bench.driver.apply(target).observed == target.inPlace)
            #expect(try TestFile.read(root + "/told") == "x\n")
            #expect(await bench.observe(target) == target.inPlace)
        }
    }

    @Test func aCommandThatFailsOrTakesTooLongSaysSo() async throws {
        try await Bench.with { bench in
            func target(_ observe: String, _ apply: String) async throws -> InstanceTarget {
                try await bench.target([
                    "commands": .list([
                        .map([
                            "name": .string("c"), "observe": .string(observe), "apply": .string(apply),
                            "timeout": .int(1000),
                        ])
                    ])
                ])
            }
            let broken = await bench.observe(try await target("echo why >&2; exit 7", "true"))
            #expect(broken == .unknown("observe of c exited 7: why"))
            try TestFile.write(bench.folder + "/secret", "planted-3302\n")
            let telling = try await bench.target([
                "vars": .map(["TOKEN": .secret(.file(bench.folder + "/secret"))]),
                "commands": .list([
                    .map([
                        "name": .string("c"), "observe": .string(#"set -x; false "$TOKEN""#), "apply": .string("true"),
                    ])
                ]),
            ])
            #expect(await bench.observe(telling) == .unknown("observe of c exited 1: + false (secret)"))
            #expect(await bench.driver.apply(telling).failure == "observe of c exited 1: + false (secret)")
            let slow = await bench.observe(try await target("sleep 60", "true"))
            #expect(slow == .unknown("observe of c took too long"))
            let report = await bench.driver.apply(try await target("true", "echo no; exit 3"))
            #expect(report.failure == "c exited 3: no")
            let late = await bench.driver.apply(try await target("true", "sleep 60"))
            #expect(late.failure == "c took too long")
        }
    }

    @Test func healthIsAskedOnTheHost() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            let target = try await bench.target([
                "files": .list([.text(root + "/a", "1")]), "health": .string("echo no; test -e '\(root)/up'"),
            ])
            #expect(bench.driver.asksHealth(block: target.deployable.block))
            #expect(await bench.driver.health(target)?.verdict == .fail("health exited 1: no"))
            try TestFile.write(root + "/up", "")
            #expect(await bench.driver.health(target)?.verdict == .pass)
            #expect(await bench.driver.address(of: 8080, target) == "127.0.0.1:8080")
        }
    }
}
