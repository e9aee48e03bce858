import DriverKit
import FoundationEssentials
import Glibc
import Model
import TestSupport
import Testing

@testable import SSHDriver

/// No act goes on beside an older one, whoever's processes those are and wherever marks can be made.
@Suite(.fewAtOnce) struct FenceUsersTests {
    /// A bench with a host `alpha` and an account `deploy` on it, and the folder that stands for its disk.
    private func with(
        _ setup: String, environment: [String: String] = [:], _ body: (Bench, String) async throws -> Void
    ) async throws {
        let system = HostSystem(setup: setup)
        if let missing = await system.missing(programs: ["sudo", "useradd"]) { try Test.cancel("\(missing)") }
        try await Bench.with([]) { bench in
            let host = try await bench.fleet.add("alpha", environment: environment, system: system)
            chmod(host.root, 0o777)
            try await body(bench, host.root)
        }
    }

    private func target(_ bench: Bench, _ root: String, _ line: String) async throws -> InstanceTarget {
        let command: [String: Value] = [
            "name": .string("does"), "observe": .string("cat '\(root)/done' 2>/dev/null || true"),
            "apply": .string(line),
        ]
        return try await bench.target(
            ["timeout": .int(300_000), "commands": .list([.map(command)])], host: ["user": .string("deploy")])
    }

    /// Begins an act that writes a line to `ticks` ten times a second, and cuts its connection. Gives its process.
    private func cut(
        _ bench: Bench, _ root: String, by program: String = "", isStubborn: Bool = false, withShell: Bool = false
    ) async throws -> pid_t {
        let line =
            "\(program) sh -c '\(isStubborn ? "trap \"\" TERM; " : "")echo $$ >\(root)/pid; while echo x >>\(root)/ticks; do sleep 0.1; done 2>/dev/null'; true"
        let act = try await target(bench, root, line)
        let task = Task { await bench.driver.apply(act) }
        for _ in 1...600 where access(root + "/ticks", F_OK) != 0 { try await Task.sleep(for: .milliseconds(100)) }
        try await bench.fleet.cut("alpha", withShell: withShell)
        #expect(await task.value.failure != nil)
        return try #require(pid_t(try TestFile.read(root + "/pid").trimmingBlanks))
    }

    /// An act that says whether the other one goes on.
    private func looking(_ bench: Bench, _ root: String) async throws -> InstanceTarget {
        try await target(
            bench, root,
            """
            cd '\(root)'; a=$(wc -c <ticks); sleep 2; b=$(wc -c <ticks)
            [ "$a" = "$b" ] || echo beside >beside; echo "$RECONCILE_DIGEST" >done
            """)
    }

    private func expectAlone(_ bench: Bench, _ root: String) async throws {
        let next = try await looking(bench, root)
        var failures: [String] = []
        for _ in 1...3 {
            guard let failure = await bench.driver.apply(next).failure else { break }
            failures.append(failure)
        }
        #expect(await bench.observe(next) == next.inPlace, "\(failures)")
        #expect(access(root + "/beside", F_OK) != 0, "\(failures)")
    }

    private func marks(_ bench: Bench, in folder: String) async throws -> [String] {
        let path = try await bench.fleet.disk(of: "alpha") + folder
        return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix("act.") }
    }

    /// The shell and sudo are gone after the first try, and what that started is still there.
    @Test(arguments: ["use_pty", "!use_pty"], [false, true])
    func whatIsAnothersIsFoundUntilItEnds(_ setting: String, withShell: Bool) async throws {
        let setup = """
            useradd -m -s /bin/sh -u 4242 -p '*' deploy
            printf '%s\\n' 'Defaults env_reset, \(setting)' 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers
            chmod 440 /etc/sudoers
            """
        try await with(setup) { bench, root in
            let left = try await cut(bench, root, by: "sudo", isStubborn: true, withShell: withShell)
            let next = try await looking(bench, root)
            var failures: [String] = []
            for _ in 1...3 { failures.append(await bench.driver.apply(next).failure ?? "none") }
            #expect(failures.count { $0.contains("cannot be ended") } >= 2, "\(failures)")
            #expect(!failures.contains("none"), "\(failures)")
            #expect(access(root + "/beside", F_OK) != 0)
            kill(left, SIGKILL)
            for _ in 1...100 where kill(left, 0) == 0 && !SSHFleet.isZombie(left) {
                try await Task.sleep(for: .milliseconds(100))
            }
            try await expectAlone(bench, root)
            let marks = try await marks(bench, in: "/home/deploy/.local/state/reconcile")
            #expect(marks.count == 1 && marks.allSatisfy { $0.split(separator: ".").count == 3 }, "\(marks)")
        }
    }

    private static let homeless = "useradd -M -d /nonexistent -s /bin/sh -u 4242 -p '*' deploy"

    /// An account that can write nowhere at home, with a folder of its own for what runs or without one.
    @Test(arguments: [
        ("", "/tmp/.reconcile-4242"),
        ("mkdir -p /run/user/4242; chown deploy /run/user/4242; chmod 700 /run/user/4242", "/run/user/4242/reconcile"),
    ])
    func withoutAHome(_ setup: String, _ folder: String) async throws {
        try await with(Self.homeless + "\n" + setup) { bench, root in
            _ = try await cut(bench, root)
            try await expectAlone(bench, root)
            #expect(try await marks(bench, in: folder).count == 1)
            #expect(try await bench.fleet.run(on: "alpha", ["stat", "-c", "%a %U", folder]) == "700 deploy\n")
        }
    }

    @Test func aHomeThatComesLater() async throws {
        try await with(Self.homeless) { bench, root in
            _ = try await cut(bench, root)
            try await bench.fleet.run(on: "alpha", ["install", "-d", "-o", "deploy", "/nonexistent"])
            try await expectAlone(bench, root)
            #expect(try await marks(bench, in: "/nonexistent/.local/state/reconcile").count == 1)
            #expect(try await marks(bench, in: "/tmp/.reconcile-4242").isEmpty)
        }
    }

    /// Whoever else has the folder could have processes ended by marks of his own.
    @Test(arguments: [
        "install -d -o nobody -m 777 /tmp/.reconcile-4242",
        "install -d -o deploy /home/real; ln -s /home/real /tmp/.reconcile-4242",
    ])
    func nowhereToMakeAMark(_ setup: String) async throws {
        try await with(Self.homeless + "\n" + setup, environment: ["XDG_STATE_HOME": "/proc"]) { bench, root in
            let failure = await bench.driver.apply(try await target(bench, root, "echo x >'\(root)/a'")).failure
            #expect(
                failure?.contains("no mark of this act can be made on alpha in /proc/reconcile") == true
                    && failure?.contains("/tmp/.reconcile-4242") == true, "\(failure ?? "")")
            #expect(access(root + "/a", F_OK) != 0)
        }
    }

    @Test func aHostThatDoesNotSayItsBoot() async throws {
        let setup = """
            useradd -m -s /bin/sh -u 4242 -p '*' deploy
            mount --bind /dev/null /proc/sys/kernel/random/boot_id
            """
        try await with(setup) { bench, root in
            _ = try await cut(bench, root)
            try await expectAlone(bench, root)
        }
    }
}
