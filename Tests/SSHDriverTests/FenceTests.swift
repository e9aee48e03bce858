import DriverKit
import FoundationEssentials
import Glibc
import Model
import Processes
import TestSupport
import Testing

@testable import SSHDriver

/// No act goes on beside an older one of the same environment.
@Suite(.fewAtOnce) struct FenceTests {
    /// An act that writes a line to `ticks` ten times a second, and one that says whether that goes on.
    private func ticking(_ bench: Bench, on name: String, timeout: Int, ignoresTERM: Bool = false) async throws
        -> InstanceTarget
    {
        let root = try await bench.root(name)
        let trap = ignoresTERM ? "trap \"\" TERM; " : ""
        return try await bench.target(
            on: name,
            [
                "timeout": .int(timeout),
                "commands": .list([
                    .map([
                        "name": .string("ticks"), "observe": .string("cat '\(root)/done' 2>/dev/null || true"),
                        "apply": .string(
                            "\(trap)sh -c '\(trap)while echo x >>\(root)/ticks; do sleep 0.1; done 2>/dev/null' & wait"),
                    ])
                ]),
            ])
    }

    private func looking(_ bench: Bench, on name: String) async throws -> InstanceTarget {
        let root = try await bench.root(name)
        return try await bench.target(
            on: name,
            [
                "commands": .list([
                    .map([
                        "name": .string("looks"), "observe": .string("cat '\(root)/done' 2>/dev/null || true"),
                        "apply": .string(
                            """
                            cd '\(root)'; a=$(wc -c <ticks); sleep 2; b=$(wc -c <ticks)
                            [ "$a" = "$b" ] || echo beside >>beside; echo "$RECONCILE_DIGEST" >done
                            """),
                    ])
                ])
            ])
    }

    private func ticks(_ root: String) -> Int { (try? TestFile.read(root + "/ticks").utf8.count) ?? 0 }

    private func expectAlone(_ bench: Bench, on name: String) async throws {
        let root = try await bench.root(name)
        #expect(ticks(root) > 0)
        let next = try await looking(bench, on: name)
        var failures: [String] = []
        for _ in 1...3 {
            guard let failure = await bench.driver.apply(next).failure else { break }
            failures.append(failure)
        }
        #expect(await bench.observe(next) == next.inPlace, "\(failures)")
        #expect(!FileManager.default.fileExists(atPath: root + "/beside"), "\(failures)")
        #expect(try marks(bench, name).allSatisfy { $0.split(separator: ".").count == 3 })
    }

    private func marks(_ bench: Bench, _ name: String) throws -> [String] {
        let folder = "\(bench.folder)/host-\(name)/state/reconcile"
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("act.") }
    }

    /// Begins an act that does not end, and gives its task once it is at work.
    private func begin(_ target: InstanceTarget, _ bench: Bench, on name: String) async throws -> Task<ActReport, Never>
    {
        let task = Task { await bench.driver.apply(target) }
        let root = try await bench.root(name)
        for _ in 1...600 where ticks(root) == 0 { try await Task.sleep(for: .milliseconds(100)) }
        return task
    }

    @Test(arguments: ["dash", "bash", "busybox"]) func afterADeadline(shell: String) async throws {
        try await Bench.with([]) { bench in
            _ = try await bench.shellHost(shell)
            let late = await bench.driver.apply(try await ticking(bench, on: shell, timeout: 10_000))
            #expect(late.failure?.contains("ended before the next act") == true, "\(late)")
            try await expectAlone(bench, on: shell)
        }
    }

    @Test func whatDoesNotHeedTERM() async throws {
        try await Bench.with { bench in
            let task = try await begin(
                try await ticking(bench, on: "alpha", timeout: 10_000, ignoresTERM: true), bench, on: "alpha")
            #expect(await task.value.failure != nil)
            try await expectAlone(bench, on: "alpha")
        }
    }

    /// The server's side of the connection dies, and the shell behind it goes on.
    @Test(arguments: [false, true]) func afterALinkThatWasCut(killsShell: Bool) async throws {
        try await Bench.with { bench in
            let task = try await begin(
                try await ticking(bench, on: "alpha", timeout: 300_000), bench, on: "alpha")
            try await bench.fleet.cut("alpha", withShell: killsShell)
            #expect(await task.value.failure?.contains("was lost") == true)
            try await expectAlone(bench, on: "alpha")
        }
    }

    /// We are killed, and somebody else takes over.
    @Test func afterAnotherProcess() async throws {
        try await Bench.with { bench in
            let task = try await begin(
                try await ticking(bench, on: "alpha", timeout: 300_000), bench, on: "alpha")
            let other = Bench(fleet: bench.fleet, driver: Bench.driver(), folder: bench.folder)
            try await expectAlone(other, on: "alpha")
            #expect(await task.value.failure != nil)
            await other.driver.close()
        }
    }

    /// Another reconciler may have an environment of the same name, and the same host in it.
    @Test func anothersActsAreLeftAlone() async throws {
        try await Bench.with { bench in
            let task = try await begin(try await ticking(bench, on: "alpha", timeout: 300_000), bench, on: "alpha")
            let other = Bench(
                fleet: bench.fleet, driver: Bench.driver(owner: Owner(state: "another", named: [])),
                folder: bench.folder)
            let target = try await looking(other, on: "alpha")
            let report = await other.driver.apply(target)
            #expect(report.observed == target.inPlace, "\(report)")
            let root = try await bench.root()
            #expect(FileManager.default.fileExists(atPath: root + "/beside"))
            await other.driver.close()
            try await bench.fleet.cut("alpha")
            _ = await task.value
            try await expectNothing(bench)
        }
    }

    /// What another reconciler had was taken over: what it was at goes with it.
    @Test func actsOfWhomWeFollowAreEnded() async throws {
        try await Bench.with { bench in
            let task = try await begin(try await ticking(bench, on: "alpha", timeout: 300_000), bench, on: "alpha")
            let heir = Bench(
                fleet: bench.fleet, driver: Bench.driver(owner: Owner(state: "", named: ["heir", "nobody"])),
                folder: bench.folder)
            try await expectAlone(heir, on: "alpha")
            #expect(await task.value.failure != nil)
            await heir.driver.close()
        }
    }

    /// Ends what is left, so that no process outlives the test.
    private func expectNothing(_ bench: Bench) async throws {
        let root = try await bench.root()
        unlink(root + "/beside")
        unlink(root + "/done")
        try await expectAlone(bench, on: "alpha")
    }

    /// What is held up on the way and comes late is not done after what is newer.
    @Test func whatComesLate() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            func target(_ text: String) async throws -> InstanceTarget {
                try await bench.target(
                    ["files": .list([.text(root + "/a", text)])], host: ["connect_timeout": .int(5000)])
            }
            let old = try await target("old")
            let new = try await target("new")
            for _ in 1...5 where await bench.observe(old) != .absent {}
            let sessions = try await bench.fleet.sessions("alpha")
            #expect(!sessions.isEmpty)
            for pid in sessions { kill(pid, SIGSTOP) }
            let failure = await bench.driver.apply(old).failure
            #expect(failure?.contains("did not take what was sent") == true, "\(failure ?? "")")
            for _ in 1...5 where await bench.driver.apply(new).observed != new.inPlace {}
            for pid in sessions { kill(pid, SIGCONT) }
            for _ in 1...600 where sessions.contains(where: { kill($0, 0) == 0 && !SSHFleet.isZombie($0) }) {
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(await bench.observe(new) == new.inPlace)
            #expect(try TestFile.read(root + "/a") == "new")
        }
    }

    /// Marks of what is long gone: of a dead process, of a number that another process has now, of another boot.
    @Test func marksThatMeanNobody() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            func target(_ text: String) async throws -> InstanceTarget {
                try await bench.target(["files": .list([.text(root + "/a", text)])])
            }
            let first = try await target("1")
            #expect(await bench.driver.apply(first).observed == first.inPlace)
            let mark = try #require(try marks(bench, "alpha").first)
            let key = mark.split(separator: ".")[1]
            let boot = try TestFile.read("/proc/sys/kernel/random/boot_id").filter { !$0.isNewline }
            let bystander = Task {
                await ProcessRunner().run(Command("sleep", ["98765"], environment: ["PATH": "/bin:/usr/bin"]))
            }
            defer { bystander.cancel() }
            var pid: pid_t?
            for _ in 1...600 where pid == nil {
                pid = SSHFleet.children(of: getpid()).first {
                    (try? TestFile.read("/proc/\($0)/cmdline")) == "sleep\u{0}98765\u{0}"
                }
                try await Task.sleep(for: .milliseconds(50))
            }
            let other = try #require(pid)
            let start = try #require(SSHFleet.start(of: other))
            let folder = "\(bench.folder)/host-alpha/state/reconcile"
            for name in [
                "x1.4194300.1.1.\(boot)", "x2.\(other).1.1.\(boot)",
                "x3.\(other).\(start).\(other).00000000-0000-0000-0000-000000000000", "x4", "x5.1",
            ] {
                try TestFile.write("\(folder)/act.\(key).\(name)", "")
            }
            let second = try await target("2")
            #expect(await bench.observe(second).isUnknown == false)
            let report = await bench.driver.apply(second)
            #expect(report.observed == second.inPlace, "\(report)")
            // Old marks go after the answer, before the next request.
            #expect(await bench.observe(second) == second.inPlace)
            #expect(try marks(bench, "alpha").count == 1)
            #expect(kill(other, 0) == 0 && !SSHFleet.isZombie(other))
        }
    }
}
