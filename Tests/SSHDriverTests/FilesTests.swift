import DriverKit
import FoundationEssentials
import Glibc
import Model
import TestSupport
import Testing

@testable import SSHDriver

@Suite(.fewAtOnce) struct FilesTests {
    private func mode(_ path: String) -> Int? {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_mode & 0o7777) : nil
    }

    @Test(arguments: ["dash", "bash", "busybox"])
    func aBlockIsBroughtAboutSeenRepairedAndTakenAway(_ shell: String) async throws {
        try await Bench.with { bench in
            let root = try await bench.shellHost(shell).root
            let target = try await bench.target(
                on: shell,
                [
                    "vars": .map(["PORT": .string("8080"), "NAME": .string("default")]),
                    "files": .list([
                        .text("\(root)/etc/a b'c\\d.conf", "one\n$HOME `id` 'x'\n"),
                        .entry("\(root)/etc/site", ["source": .string("site")]),
                        .entry("\(root)/etc/web.conf", ["template": .string("web.conf"), "mode": .string("0640")]),
                        .entry("\(root)/data", ["directory": .bool(true), "mode": .string("0750")]),
                        .entry("\(root)/etc/current", ["link": .string("web.conf")]),
                        .entry("\(root)/etc/old", ["absent": .bool(true)]),
                        .text("\(root)/etc/empty", ""),
                    ]),
                ],
                sources: [
                    "site/index.html": "<p>", "site/css/main.css": "p {}", "site/binary": "a\u{0}b\u{0}",
                    "site/big": String(repeating: "0123456789abcde\n", count: 160_000),
                    "web.conf": "listen {{ PORT }}\nname {{ NAME }} {{RECONCILE_HOST}}\n",
                ], host: ["vars": .map(["NAME": .string("own")])])
            try FileManager.default.createDirectory(atPath: root + "/etc", withIntermediateDirectories: true)
            #expect(await bench.observe(target) == .absent)
            try TestFile.write(root + "/etc/old", "x")
            try TestFile.write(root + "/etc/foreign", "x")
            #expect(await bench.observe(target) == .absent)
            let report = await bench.driver.apply(target)
            #expect(report.failure == nil)
            #expect(report.observed == target.inPlace, "\(String(describing: report.observed))")
            #expect(await bench.observe(target) == target.inPlace)
            #expect(try TestFile.read(root + "/etc/a b'c\\d.conf") == "one\n$HOME `id` 'x'\n")
            #expect(try TestFile.read(root + "/etc/web.conf") == "listen 8080\nname own \(shell)\n")
            #expect(try TestFile.read(root + "/etc/current") == "listen 8080\nname own \(shell)\n")
            #expect(try TestFile.read(root + "/etc/site/css/main.css") == "p {}")
            #expect(try TestFile.read(root + "/etc/site/binary") == "a\u{0}b\u{0}")
            #expect(try TestFile.read(root + "/etc/site/big").utf8.count == 2_560_000)
            #expect(try TestFile.read(root + "/etc/empty") == "")
            #expect(mode(root + "/etc/web.conf") == 0o640 && mode(root + "/data") == 0o750)
            #expect(mode(root + "/etc/empty") == 0o644)
            #expect(mode(root + "/etc/old") == nil)

            // One file of many: only that one travels.
            try TestFile.write(root + "/etc/web.conf", "by hand\n")
            chmod(root + "/etc/web.conf", 0o640)
            #expect(await bench.observe(target) == .running("\(root)/etc/web.conf differs"))
            let repair = await bench.driver.apply(target)
            #expect(repair.failure == nil && repair.observed == target.inPlace)
            #expect(repair.commands.first?.output == "wrote \(root)/etc/web.conf")
            chmod(root + "/etc/web.conf", 0o600)
            #expect(await bench.observe(target) == .running("\(root)/etc/web.conf differs in its mode"))
            #expect(await bench.driver.apply(target).observed == target.inPlace)
            unlink(root + "/etc/current")
            try TestFile.write(root + "/etc/site/index.html", "y")
            #expect(await bench.observe(target) == .running("2 of 10 files differ"))
            #expect(await bench.driver.apply(target).observed == target.inPlace)

            let gone = await bench.driver.remove(target)
            #expect(gone.failure == nil && gone.observed == .absent)
            #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/etc") == ["foreign"])
            #expect(await bench.driver.remove(target).failure == nil)
        }
    }

    /// What is there keeps its owner and mode unless the block says otherwise.
    @Test(.enabled(if: geteuid() == 0, "only root can give files away")) func ownersStay() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            try TestFile.write(root + "/a", "old")
            try TestFile.write(root + "/b", "old")
            chown(root + "/a", 33, 34)
            chmod(root + "/a", 0o604)
            let target = try await bench.target([
                "files": .list([
                    .text(root + "/a", "new"),
                    .entry(
                        root + "/b", ["content": .string("new"), "owner": .string("daemon"), "group": .string("3")]),
                ])
            ])
            let report = await bench.driver.apply(target)
            #expect(report.failure == nil && report.observed == target.inPlace, "\(report)")
            var status = stat()
            lstat(root + "/a", &status)
            #expect(status.st_uid == 33 && status.st_gid == 34 && status.st_mode & 0o777 == 0o604)
            lstat(root + "/b", &status)
            #expect(status.st_uid == 1 && status.st_gid == 3)
            chown(root + "/b", 0, 3)
            #expect(await bench.observe(target) == .running("\(root)/b differs in its owner"))
            #expect(await bench.driver.apply(target).observed == target.inPlace)
        }
    }

    /// What a new version no longer lists goes, and its digest tells versions apart, in this process and in the next.
    @Test func anotherVersionTakesThePlace() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            let old = try await bench.target(
                [
                    "files": .list([.text(root + "/a", "1"), .entry(root + "/d", ["source": .string("d")])])
                ], sources: ["d/x": "1", "d/y": "1"])
            #expect(await bench.driver.apply(old).observed == old.inPlace)
            let before = InstanceTarget.Before(deployable: old.deployable, folder: old.folder)
            let new = try await bench.target(["files": .list([.text(root + "/a", "2")])], before: before)
            let later = Bench(fleet: bench.fleet, driver: Bench.driver(), folder: bench.folder)
            #expect(await later.observe(new) == old.inPlace)
            let report = await later.driver.apply(new)
            #expect(report.observed == new.inPlace, "\(report)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: root) == ["a"])
            #expect(await bench.observe(old) != old.inPlace)
            await later.driver.close()
        }
    }

    /// The only file of a folder has its draft beside it: what was left there is taken away and never followed, and whatever
    /// stands in the file's own place is replaced, not filled.
    @Test(arguments: ["dash", "bash", "busybox"]) func aDraftBesideTheFile(_ shell: String) async throws {
        try await Bench.with { bench in
            let root = try await bench.shellHost(shell).root
            let draft = root + "/.reconcile-" + Digest(ofText: "test/web@\(shell)").hex.prefix(12)
            try FileManager.default.createDirectory(atPath: root + "/other", withIntermediateDirectories: true)
            try TestFile.write(root + "/other/a", "theirs")
            let ways: [(String) throws -> Void] = [
                { try FileManager.default.createDirectory(atPath: $0 + "/x", withIntermediateDirectories: true) },
                { try TestFile.write($0, "half") },
                { try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: root + "/other/a") },
                { try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: root + "/other") },
            ]
            for (number, put) in ways.enumerated() {
                let content = String(repeating: "version \(number)\n", count: number == 1 ? 100_000 : 1)
                for mode in ["0644", "0755", "0640"] {
                    let target = try await bench.target(
                        on: shell,
                        ["files": .list([.entry(root + "/a", ["source": .string("a"), "mode": .string(mode)])])],
                        sources: ["a": content + mode])
                    try put(draft)
                    if number > 1 {
                        _ = try? FileManager.default.removeItem(atPath: root + "/a")
                        try put(root + "/a")
                    }
                    #expect(await bench.observe(target) != target.inPlace)
                    let report = await bench.driver.apply(target)
                    #expect(report.failure == nil && report.observed == target.inPlace, "\(number) \(mode) \(report)")
                    #expect(try TestFile.read(root + "/a") == content + mode)
                    #expect(self.mode(root + "/a") == Int(mode, radix: 8))
                    #expect(try FileManager.default.contentsOfDirectory(atPath: root).sorted() == ["a", "other"])
                }
            }
            #expect(try TestFile.read(root + "/other/a") == "theirs")
            #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/other") == ["a"])

            // It became a folder since it was looked at.
            let target = try await bench.target(
                on: shell,
                ["files": .list([.entry(root + "/a", ["content": .string("last"), "mode": .string("0644")])])])
            #expect(await bench.observe(target) != target.inPlace)
            unlink(root + "/a")
            try FileManager.default.createDirectory(atPath: root + "/a/b", withIntermediateDirectories: true)
            let failure = await bench.driver.apply(target).failure
            #expect(failure?.contains("it has become a folder") == true, "\(failure ?? "")")
            #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/a") == ["b"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: root).sorted() == ["a", "other"])
        }
    }

    /// What was seen of one version says nothing of what only another one names.
    @Test func anotherVersionIsAskedAnew() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            try TestFile.write(root + "/b", "")
            let one = try await bench.target(["files": .list([.text(root + "/a", "1")])])
            let two = try await bench.target([
                "files": .list([.text(root + "/a", "2"), .entry(root + "/b", ["absent": .bool(true)])])
            ])
            #expect(await bench.observe(one) == .absent)
            let report = await bench.driver.apply(two)
            #expect(report.observed == two.inPlace, "\(report)")
        }
    }

    @Test func badBlocksSayWhat() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            let cases: [([String: Value], String)] = [
                (["files": .list([.entry(root + "/a", ["template": .string("t")])])], "t names the variable MISSING"),
                (["files": .list([.text(root + "/{{ NONE }}", "")])], "names the variable NONE"),
                (["files": .list([.text(root + "/../x", "")])], "is no absolute path"),
                (["files": .list([.text(root + "/x", ""), .text(root + "/x", "")])], "twice"),
                (
                    ["files": .list([.entry(root + "/x", ["content": .secret(.file("/nonexistent/s"))])])],
                    "/nonexistent/s"
                ),
                (
                    [
                        "files": .list([.text(root + "/x", "")]),
                        "commands": .list([
                            .map(["name": .string("c"), "apply": .string("true"), "on_change": .list([.string("/y")])])
                        ]),
                    ], "a change of /y is waited for"
                ),
            ]
            for (block, words) in cases {
                let target = try await bench.target(block, sources: ["t": "{{ MISSING }}"])
                let seen = await bench.observe(target)
                #expect(seen.isUnknown && seen.words.contains(words), "\(seen.words)")
                #expect(await bench.driver.apply(target).failure?.contains(words) == true)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: root) == [])
        }
    }

    /// Only what is used of variables counts, and nothing of how a host is reached.
    @Test func theDigestIsOfWhatRuns() async throws {
        try await Bench.with { bench in
            func digest(_ text: String, host: [String: Value] = [:], become: String? = nil) async throws -> Digest {
                var block: [String: Value] = ["files": .list([.entry("/srv/{{ ROOT }}", ["content": .string(text)])])]
                if let become { block["become"] = .string(become) }
                return try await bench.target(block, host: host).deployable.digest
            }
            let vars: Value = .map(["ROOT": .string("a"), "OTHER": .string("1")])
            let first = try await digest("x", host: ["vars": vars])
            #expect(
                try await digest("x", host: ["vars": .map(["ROOT": .string("a"), "OTHER": .string("2")])]) == first)
            #expect(
                try await digest("x", host: ["vars": vars, "port": .int(23), "user": .string("u")], become: "sudo")
                    == first)
            #expect(try await digest("x", host: ["vars": .map(["ROOT": .string("b")])]) != first)
            #expect(try await digest("y", host: ["vars": vars]) != first)
        }
    }
}
