import DriverKit
import FoundationEssentials
import Glibc
import Model
import Processes
import TestSupport
import Testing

@testable import SSHDriver

/// How hosts are reached: over others, by ssh's own configuration, and by lists of host keys in files of ours.
@Suite(.fewAtOnce) struct WaysTests {
    private func block(_ root: String) -> [String: Value] { ["files": .list([.text(root + "/a", "one")])] }

    private var user: String { String(cString: getpwuid(geteuid()).pointee.pw_name) }

    @Test func twoJumpHostsInARow() async throws {
        try await Bench.with(["alpha", "gate", "outer"]) { bench in
            var jumps: [String] = []
            for name in ["outer", "gate"] {
                jumps.append("\(user)@127.0.0.1:\(try await bench.fleet.host(name).port)")
            }
            let target = try await bench.target(
                block(try await bench.root()), host: ["jump": .string(jumps.joined(separator: ","))])
            let report = await bench.driver.apply(target)
            #expect(report.observed == target.inPlace, "\(report)")
            for name in ["outer", "gate"] {
                await bench.fleet.stop(name)
                let seen = await bench.observe(target)
                #expect(seen.isUnknown, "it is not reached without \(name)")
                try await bench.fleet.start(name)
                #expect(await bench.observe(target) == target.inPlace)
            }
            try await bench.fleet.changeKey(of: "outer")
            let changed = await bench.observe(target)
            #expect(changed.isUnknown && changed.words.contains("is another"), "\(changed.words)")
        }
    }

    /// The manifest says neither a port nor a user nor a jump host: ssh's own configuration does, in a file that it includes,
    /// over two hosts whose keys are in the parts of the list that others got.
    @Test func onlySSHsOwnConfigurationKnowsTheWay() async throws {
        try await Bench.with(["alpha", "gate", "outer"]) { bench in
            var lines: [String: String] = [:]
            var text = ""
            for (name, more) in [("alpha", "ProxyJump gate"), ("gate", "ProxyJump outer"), ("outer", "")] {
                let host = try await bench.fleet.host(name)
                lines[name] = "\(name).example \(host.key)\n"
                text +=
                    "Host \(name)\n  HostName 127.0.0.1\n  Port \(host.port)\n  User \(user)\n  HostKeyAlias \(name).example\n  \(more)\n"
            }
            try TestFile.write(bench.folder + "/more", text)
            let config = bench.folder + "/config"
            try TestFile.write(config, "Include \(bench.folder)/mo*\n")
            func target(_ name: String, on: String, lists: [String]) async throws -> InstanceTarget {
                let list = lists.compactMap { lines[$0] }.joined()
                return try await bench.target(
                    on: on, block(try await bench.root(on)),
                    host: [
                        "address": .string(name), "port": .null, "config": .string(config),
                        "known_hosts": .string(list),
                    ])
            }
            let alpha = try await target("alpha", on: "alpha", lists: ["alpha"])
            let alone = await bench.observe(alpha)
            #expect(
                alone.isUnknown && alone.words.contains("outer.example, on the way to alpha"),
                "the key of a host on the way is looked for in our list: \(alone.words)")
            let others = [
                try await target("gate", on: "gate", lists: ["gate"]),
                try await target("outer", on: "outer", lists: ["outer"]),
            ]
            await bench.driver.prepare(([alpha] + others).map(\.deployable), of: "test")
            let report = await bench.driver.apply(alpha)
            #expect(report.observed == alpha.inPlace, "\(report)")
            await bench.fleet.stop("outer")
            #expect(await bench.observe(alpha).isUnknown)
        }
    }

    @Test func sshIsNotAskedWhereNoConfigurationSpeaksOfOthers() async throws {
        try await Bench.with { bench in
            let bin = bench.folder + "/bin"
            mkdir(bin, 0o755)
            try TestFile.write(
                bin + "/ssh",
                "#!/bin/sh\n[ \"$1\" = -G ] && echo x >>'\(bench.folder)/asked'\nexec /usr/bin/ssh \"$@\"\n")
            chmod(bin + "/ssh", 0o755)
            let config = bench.folder + "/config"
            let driver = SSHDriver(
                runner: ProcessRunner(), slots: Slots(4), baseEnvironment: ["PATH": bin + ":/usr/bin:/bin"],
                state: "/nonexistent")
            let target = try await bench.target(
                block(try await bench.root()), host: ["config": .string(config)])
            for (text, count) in [("Host alpha\n  User nobody\n", 0), ("host=x\n  proxyjump=y\n", 1)] {
                try TestFile.write(config, text)
                for _ in 1...2 {
                    #expect(await driver.observe([target]) == [.absent])
                    await driver.close()
                }
                let asked = (try? TestFile.read(bench.folder + "/asked").count) ?? 0
                #expect(asked == count * 2, "once for each host")
                // What was read counts for five seconds.
                try await Task.sleep(for: .seconds(6))
            }
        }
    }

    /// ssh may have been killed, or there was no room for another process.
    @Test func anAnswerThatFailedIsAskedForAgain() async throws {
        try await Bench.with([]) { bench in
            let bin = bench.folder + "/bin"
            mkdir(bin, 0o755)
            try TestFile.write(
                bin + "/ssh",
                "#!/bin/sh\n[ -e '\(bench.folder)/asked' ] || { : >'\(bench.folder)/asked'; exit 1; }\n"
                    + "exec /usr/bin/ssh \"$@\"\n")
            chmod(bin + "/ssh", 0o755)
            try TestFile.write(bench.folder + "/config", "Host alpha\n  ProxyJump gate\n")
            _ = try await bench.fleet.add("alpha")
            let target = try await bench.target(
                block(try await bench.root()),
                host: ["address": .string("alpha"), "config": .string(bench.folder + "/config")])
            let configuration = SSHConfiguration(
                runner: ProcessRunner(), environment: ["PATH": bin + ":/usr/bin:/bin"])
            let failure = await #expect(throws: DriverFailure.self) {
                _ = try await configuration.way(to: try HostAccess(target))
            }
            #expect(failure?.description.contains("does not say the way to alpha") == true, "ssh would take its own")
            #expect(try await configuration.way(to: try HostAccess(target)).jumps.map(\.host) == ["gate"])
        }
    }

    /// The disk was full while the list was written.
    @Test func aListThatWasCutOffIsNotBelieved() async throws {
        try await Bench.with { bench in
            let state = bench.folder + "/state"
            mkdir(state, 0o700)
            let lists = HostKeyLists(state: state)
            let other = try HostAccess(try await bench.target(block(try await bench.root())))
            var access = other
            access.knownHosts = "one ssh-ed25519 AAAA\ntwo ssh-ed25519 AAAA\n"
            let first = try await lists.file(for: other, others: [])
            let folder = String(first[...(first.lastIndex(of: "/") ?? first.startIndex)])
            let cut = "\(folder)known_hosts-\(Digest(ofText: access.knownHosts ?? "").hex.prefix(16))"
            try TestFile.write(cut, "one ssh-ed25519 AA")
            #expect(try await lists.file(for: access, others: []) == cut)
            #expect(try TestFile.read(cut) == access.knownHosts)
            await lists.close()
        }
    }

    /// Hosts and environments go, and the process goes on.
    @Test func turnsOfWhatIsGoneAreForgotten() async throws {
        try await Bench.with(["alpha", "beta"]) { bench in
            var targets: [InstanceTarget] = []
            for name in ["alpha", "beta"] {
                targets.append(try await bench.target(on: name, block(try await bench.root(name))))
            }
            let connections = bench.driver.connections
            await bench.driver.prepare(targets.map(\.deployable), of: "test")
            for target in targets { #expect(await bench.observe(target) == .absent) }
            #expect(await connections.turns["test"]?.keys.sorted() == ["alpha", "beta"])
            let turns = await connections.turns["test"]?["beta"]
            await bench.driver.prepare([targets[1].deployable], of: "test")
            await bench.driver.prepare([], of: "another")
            #expect(await connections.turns["test"]?.keys.sorted() == ["beta"])
            #expect(await connections.turns["test"]?["beta"] === turns)
            await bench.driver.prepare([], of: "test")
            #expect(await connections.turns.isEmpty)
        }
    }

    @Test func whatAKilledProcessLeftIsTakenAway() async throws {
        try await Bench.with { bench in
            let state = bench.folder + "/state"
            func driver() -> SSHDriver {
                SSHDriver(
                    runner: ProcessRunner(), slots: Slots(4), baseEnvironment: ["PATH": "/usr/bin:/bin"], state: state)
            }
            mkdir(state, 0o700)
            mkdir(state + "/ssh", 0o700)
            mkdir(state + "/ssh/lists-abcdef", 0o700)
            try TestFile.write(state + "/ssh/lists-abcdef/known_hosts-1", "x")
            func folders() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: state + "/ssh")
            }
            let target = try await bench.target(block(try await bench.root()))
            let (first, second) = (driver(), driver())
            #expect(await first.observe([target]) == [.absent])
            let mine = try folders()
            #expect(mine.count == 1 && mine != ["lists-abcdef"])
            #expect(await second.observe([target]) == [.absent])
            #expect(try folders().count == 2 && folders().contains(mine[0]), "one that is alive is left alone")
            await first.close()
            await second.close()
            #expect(try folders() == [])
        }
    }
}
