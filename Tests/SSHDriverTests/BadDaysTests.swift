import DriverKit
import FoundationEssentials
import Glibc
import Model
import Processes
import TestSupport
import Testing

@testable import SSHDriver

@Suite(.fewAtOnce) struct BadDaysTests {
    private func block(_ path: String, _ text: String = "one") -> [String: Value] {
        ["files": .list([.text(path + "/a", text)])]
    }

    @Test func aHostThatSaysNothing() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(listener) }
            let port = try TestServer.bind(listener, port: 0)
            listen(listener, 5)
            let target = try await bench.target(
                block(root), host: ["port": .int(port), "connect_timeout": .int(1000)])
            let began = ContinuousClock.now
            let seen = await bench.observe(target)
            #expect(seen.isUnknown && ContinuousClock.now - began < .seconds(20), "\(seen.words)")
        }
    }

    @Test func aHostThatIsGoneIsUnknownAndComesBack() async throws {
        try await Bench.with(["alpha", "beta"]) { bench in
            let root = try await bench.root()
            let alpha = try await bench.target(block(root))
            let beta = try await bench.target(on: "beta", block(try await bench.root("beta")))
            #expect(await bench.driver.apply(alpha).observed == alpha.inPlace)
            await bench.fleet.stop("alpha")
            let seen = await bench.driver.observe([alpha, beta])
            #expect(seen[0].isUnknown && seen[1] == .absent)
            #expect(seen[0].words.contains("Connection refused") && seen[0].words.contains("alpha"), "\(seen[0].words)")
            #expect(await bench.driver.apply(alpha).failure?.contains("Connection refused") == true)
            try await bench.fleet.start("alpha")
            #expect(await bench.observe(alpha) == alpha.inPlace)
        }
    }

    /// Nothing more is said in the middle of a kept connection, for longer than the deadline; then all is well again.
    @Test func aLinkThatIsCutAndBack() async throws {
        try await Bench.with { bench in
            let target = try await bench.target(
                block(try await bench.root()), host: ["connect_timeout": .int(8000), "keep_alive": .int(3000)])
            // Its short deadlines are for later; a busy machine may not keep them at once.
            for _ in 1...5 where await bench.driver.apply(target).observed != target.inPlace {}
            #expect(await bench.observe(target) == target.inPlace)
            try await bench.fleet.freeze("alpha", true)
            let began = ContinuousClock.now
            let seen = await bench.observe(target)
            #expect(seen.isUnknown && ContinuousClock.now - began < .seconds(60), "\(seen.words)")
            try await bench.fleet.freeze("alpha", false)
            for _ in 1...5 where await bench.observe(target) != target.inPlace {}
            #expect(await bench.observe(target) == target.inPlace)
        }
    }

    @Test func aHostThatDiesWhileItIsAskedAndWritten() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            let old = try await bench.target([
                "files": .list([.text(root + "/a", "old")])
            ])
            #expect(await bench.driver.apply(old).observed == old.inPlace)
            let big = String(repeating: "0123456789abcde\n", count: 2_000_000)
            let new = try await bench.target(
                ["files": .list([.entry(root + "/a", ["source": .string("big")])])], sources: ["big": big])
            for milliseconds in [30, 60, 120] {
                async let report = bench.driver.apply(new)
                try await Task.sleep(for: .milliseconds(milliseconds))
                await bench.fleet.stop("alpha")
                let failure = await report.failure
                let text = try TestFile.read(root + "/a")
                #expect(text == "old" || text == big)
                if text == "old" { #expect(failure != nil) }
                try await bench.fleet.start("alpha")
                try TestFile.write(root + "/a", "old")
            }
            let report = await bench.driver.apply(new)
            #expect(report.failure == nil && report.observed == new.inPlace, "\(report)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: root) == ["a"])
        }
    }

    /// An act that a host does not take in time is not sent again: it may still be at it.
    @Test func anActIsSentOnce() async throws {
        try await Bench.with { bench in
            let target = try await bench.target(
                block(try await bench.root()), host: ["connect_timeout": .int(5000)])
            for _ in 1...5 where await bench.observe(target) != .absent {}
            try await bench.fleet.freeze("alpha", true)
            let failure = await bench.driver.apply(target).failure
            try await bench.fleet.freeze("alpha", false)
            #expect(failure?.contains("did not take what was sent") == true, "\(failure ?? "")")
            for _ in 1...5 where await bench.driver.apply(target).observed != target.inPlace {}
            #expect(await bench.observe(target) == target.inPlace)
        }
    }

    @Test func aConnectionAtWorkIsNotIdle() async throws {
        try await Bench.with { bench in
            let access = try HostAccess(try await bench.target(block(try await bench.root())))
            let connection = await bench.driver.connections.connection(access)
            let answer = Task {
                try await connection.ask(Connection.Request(script: "sleep 2", timeout: .seconds(60)))
            }
            var isIdle = true
            for _ in 1...500 where isIdle {
                isIdle = await connection.rest(after: -1)
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(!isIdle)
            _ = try await answer.value
            #expect(await connection.rest(after: -1))
            _ = try await connection.ask(Connection.Request(script: "true", timeout: .seconds(60)))
        }
    }

    /// Somebody cleans up in /tmp while we run.
    @Test func aListOfHostKeysThatIsGone() async throws {
        try await Bench.with { bench in
            let target = try await bench.target(block(try await bench.root()))
            let access = try HostAccess(target)
            #expect(await bench.observe(target) == .absent)
            let list = await bench.driver.connections.connection(access).knownHosts
            try FileManager.default.removeItem(atPath: list)
            await bench.fleet.stop("alpha")
            try await bench.fleet.start("alpha")
            #expect(await bench.observe(target) == .absent)
            try FileManager.default.removeItem(atPath: String(list[..<(list.lastIndex(of: "/") ?? list.endIndex)]))
            await bench.fleet.stop("alpha")
            try await bench.fleet.start("alpha")
            #expect(await bench.observe(target) == .absent)
        }
    }

    /// An act fails before it reads what travels after it: that is never run.
    @Test func aContentIsNeverTakenForARequest() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            try TestFile.write(root + "/file", "")
            let script = "touch '\(root)/owned'\n#x"
            let hostile = "s x \(script.utf8.count)\n\(script)\n" + String(repeating: "0123456789", count: 20_000)
            let target = try await bench.target(
                ["files": .list([.entry(root + "/file/a", ["source": .string("hostile")])])],
                sources: ["hostile": hostile])
            #expect(await bench.observe(target) == .absent)
            let failure = await bench.driver.apply(target).failure
            #expect(failure?.contains("making folders failed") == true, "\(failure ?? "")")
            #expect(await bench.observe(target) == .absent)
            #expect(try FileManager.default.contentsOfDirectory(atPath: root) == ["file"])
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can mount a small disk")) func aFullDisk() async throws {
        try await Bench.with { bench in
            let root = try await bench.root() + "/small"
            mkdir(root, 0o755)
            guard mount("tmpfs", root, "tmpfs", 0, "size=256k") == 0 else {
                try Test.cancel("no tmpfs can be mounted here")
            }
            defer { umount2(root, Int32(MNT_DETACH)) }
            let old = try await bench.target(block(root, "old"))
            #expect(await bench.driver.apply(old).observed == old.inPlace)
            for size in [100_000, 400_000] {
                let text = String(repeating: "0123456789", count: size / 10)
                let sources = ["big": text]
                let files: [Value] = ["a", "b", "c"].map { .entry("\(root)/\($0)", ["source": .string("big")]) }
                let new = try await bench.target(["files": .list(files)], sources: sources)
                let report = await bench.driver.apply(new)
                #expect(report.failure?.contains("could not be written whole") == true, "\(report)")
                #expect(try TestFile.read(root + "/a") == "old")
                #expect(try FileManager.default.contentsOfDirectory(atPath: root) == ["a"])
                #expect(await bench.observe(old) == old.inPlace)
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can mount")) func aReadOnlyPath() async throws {
        try await Bench.with { bench in
            let root = try await bench.root() + "/ro"
            mkdir(root, 0o755)
            guard mount("tmpfs", root, "tmpfs", UInt(MS_RDONLY), "size=256k") == 0 else {
                try Test.cancel("no tmpfs can be mounted here")
            }
            defer { umount2(root, Int32(MNT_DETACH)) }
            let target = try await bench.target(block(root))
            #expect(await bench.observe(target) == .absent)
            let failure = await bench.driver.apply(target).failure
            #expect(failure?.contains("Read-only file system") == true, "\(failure ?? "")")
        }
    }

    @Test func aBannerOfTheLoginShell() async throws {
        try await Bench.with { bench in
            let command =
                #"echo 'welcome to the machine'; printf 'no line break'; echo 'motd on stderr' >&2; exec sh -c "$SSH_ORIGINAL_COMMAND""#
            let host = try await bench.fleet.add("loud", forced: command)
            let target = try await bench.target(on: "loud", block(host.root))
            #expect(await bench.observe(target) == .absent)
            #expect(await bench.driver.apply(target).observed == target.inPlace)
            #expect(await bench.observe(target) == target.inPlace)
        }
    }

    @Test func aChangedKeyIsRefusedByName() async throws {
        try await Bench.with { bench in
            let target = try await bench.target(block(try await bench.root()))
            #expect(await bench.observe(target) == .absent)
            try await bench.fleet.changeKey(of: "alpha")
            let seen = await bench.observe(target)
            #expect(seen.isUnknown && seen.words.contains("the host key of alpha"), "\(seen.words)")
            #expect(
                seen.words.contains("is another") && seen.words.contains("SHA256:")
                    && seen.words.contains("known_hosts"))

            let unlisted = try await bench.target(block("/x"), host: ["known_hosts": .string("")])
            let unknown = await bench.observe(unlisted)
            #expect(unknown.words.contains("is not known") && unknown.words.contains("ssh-keyscan"), "\(unknown.words)")
            let nobody = try await bench.target(
                block("/x"), host: ["known_hosts": .null, "identity": .string("/dev/null")])
            #expect(await bench.observe(nobody).words.contains("/nonexistent/known_hosts/test"))
        }
    }

    @Test func aKeyThatNobodyKnows() async throws {
        try await Bench.with { bench in
            try await TestTool.sshKey("stranger", in: bench.folder)
            let target = try await bench.target(block("/x"), host: ["identity": .string(bench.folder + "/stranger")])
            let seen = await bench.observe(target)
            #expect(seen.words.contains("lets nobody in") && seen.words.contains("identity"), "\(seen.words)")
        }
    }

    @Test func whatLooksLikeAnOptionIsNoHost() async throws {
        try await Bench.with { bench in
            for host in [
                ["address": "-oProxyCommand=touch /tmp/x"], ["user": "-l"], ["jump": "-x"], ["jump": "u@-x"],
                ["address": "a b"], ["address": ""], ["jump": "a;b"],
            ] {
                let target = try await bench.target(block("/x"), host: host.mapValues { .string($0) })
                let seen = await bench.observe(target)
                #expect(seen.isUnknown && seen.words.contains("cannot be"), "\(seen.words)")
            }
        }
    }

    /// By a jump host whose key is checked like any other, and with a key that only the agent has.
    @Test func overAJumpHostWithAnAgent() async throws {
        try await Bench.with(["alpha", "gate"]) { bench in
            let gate = try await bench.fleet.host("gate")
            let root = try await bench.root()
            try await SSHAgentServer.serve(in: bench.folder, keys: ["key"]) { socket in
                let driver = SSHDriver(
                    runner: ProcessRunner(), slots: Slots(4),
                    baseEnvironment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "SSH_AUTH_SOCK": socket],
                    state: "/nonexistent")
                let user = "\(String(cString: getpwuid(geteuid()).pointee.pw_name))"
                let jump: Value = .string("\(user)@127.0.0.1:\(gate.port)")
                let target = try await bench.target(block(root), host: ["jump": jump, "identity": .null])
                let report = await driver.apply(target)
                #expect(report.observed == target.inPlace, "\(report)")
                await bench.fleet.stop("gate")
                #expect(await driver.observe([target])[0].isUnknown)
                try await bench.fleet.changeKey(of: "gate")
                let changed = await driver.observe([target])[0]
                #expect(changed.isUnknown && changed.words.contains("is another"), "\(changed.words)")
                await driver.close()
            }
        }
    }
}
