import DriverKit
import FoundationEssentials
import Glibc
import Model
import TestSupport
import Testing

@testable import SSHDriver

/// A real sudo on hosts with users of their own; the sudoers of this machine are not touched.
@Suite(.fewAtOnce) struct RealSudoTests {
    /// Debian's own settings, and what a test adds.
    private static func system(_ lines: String, setup: String = "") -> HostSystem {
        HostSystem(
            setup: """
                useradd -m -s /bin/sh -p '*' deploy
                cat >/etc/sudoers <<'END'
                Defaults env_reset
                Defaults mail_badpass
                Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
                Defaults use_pty
                root ALL=(ALL:ALL) ALL
                \(lines)
                END
                chmod 440 /etc/sudoers
                visudo -cf /etc/sudoers
                \(setup)
                """)
    }

    private static let free = "deploy ALL=(ALL:ALL) NOPASSWD: ALL"

    /// A bench with a host `alpha` on which `deploy` has these rights.
    private func with(
        _ lines: String, setup: String = "", _ body: (Bench) async throws -> Void
    ) async throws {
        let system = Self.system(lines, setup: setup)
        if let missing = await system.missing(programs: ["sudo", "visudo", "useradd"]) {
            try Test.cancel("\(missing)")
        }
        try await Bench.with([]) { bench in
            _ = try await bench.fleet.add("alpha", system: system)
            try await body(bench)
        }
    }

    private func target(
        _ bench: Bench, _ block: [String: Value], becomes: Bool = true, sources: [String: String] = [:]
    ) async throws -> InstanceTarget {
        try await bench.target(
            becomes ? block.merging(["become": .string("sudo")]) { $1 } : block, sources: sources,
            host: ["user": .string("deploy")])
    }

    @Test(arguments: ["", "Defaults !use_pty", "Defaults !env_reset", "Defaults umask=0077, lecture=always"])
    func filesAndCommandsAreRoots(_ setting: String) async throws {
        try await with(setting + "\n" + Self.free) { bench in
            let big = String(repeating: "0123456789\0abcde\n", count: 150_000)
            func block(_ text: String) -> [String: Value] {
                [
                    "vars": .map(["WORD": .string("a 'b' $c")]),
                    "files": .list([
                        .text("/etc/app/conf", text), .entry("/etc/app/big", ["source": .string("big")]),
                        .entry(
                            "/home/deploy/own",
                            ["content": .string("x"), "mode": .string("0600"), "owner": .string("deploy")]),
                    ]),
                    "commands": .list([
                        .map([
                            "name": .string("who"), "observe": .string("cat /etc/app/who 2>/dev/null || true"),
                            "apply": .string(
                                #"echo "$(id -un) $WORD"; umask; tty; echo "$RECONCILE_DIGEST" >/etc/app/who"#),
                            "remove": .string("rm /etc/app/who"),
                        ])
                    ]),
                ]
            }
            let one = try await target(bench, block("1\n"), sources: ["big": big])
            #expect(await bench.observe(one) == .absent)
            let report = await bench.driver.apply(one)
            #expect(report.observed == one.inPlace, "\(report)")
            try #require(report.commands.count == 2)
            let lines = report.commands[1].output.split(separator: "\n").map(String.init)
            #expect(lines.first == "root a 'b' $c" && lines.last == "not a tty", "\(lines)")
            let disk = try await bench.fleet.disk(of: "alpha")
            #expect(try TestFile.read(disk + "/etc/app/big") == big)
            #expect(access("/etc/app", F_OK) != 0, "the machine's own disk is another")
            let stat = try await bench.fleet.run(
                on: "alpha", ["stat", "-c", "%a %U %n", "/etc/app", "/etc/app/conf", "/home/deploy/own"])
            #expect(stat == "755 root /etc/app\n644 root /etc/app/conf\n600 deploy /home/deploy/own\n")
            let two = try await target(bench, block("2\n"), sources: ["big": big])
            #expect(await bench.observe(two) == one.inPlace)
            #expect(await bench.driver.apply(two).observed == two.inPlace)
            try await bench.fleet.run(on: "alpha", ["rm", "/etc/app/conf"])
            #expect(await bench.observe(two) == .running("/etc/app/conf is missing"))
            #expect(await bench.driver.apply(two).observed == two.inPlace)
            #expect(await bench.driver.remove(two).observed == .absent)
            #expect(access(disk + "/etc/app/conf", F_OK) != 0)
        }
    }

    @Test func withoutSudoNothingOfRootsIsWritten() async throws {
        try await with(Self.free) { bench in
            let block: [String: Value] = ["files": .list([.text("/etc/app/conf", "1")])]
            let failure = await bench.driver.apply(try await target(bench, block, becomes: false)).failure
            #expect(failure?.contains("Permission denied") == true, "\(failure ?? "")")
        }
    }

    @Test(arguments: [
        ("deploy ALL=(ALL:ALL) ALL", "", "asks for a password"), ("", "", "asks for a password"),
        ("deploy ALL=(ALL:ALL) NOPASSWD: /usr/bin/apt-get", "", "asks for a password"),
        ("Defaults requiretty\n" + free, "", "requiretty"),
        (free, "rm /usr/bin/sudo", "sudo is not installed on alpha"),
        (free, "chmod u-s /usr/bin/sudo", "setuid"),
    ])
    func aRefusalSaysWhy(_ lines: String, _ setup: String, _ words: String) async throws {
        try await with(lines, setup: setup) { bench in
            let one = try await target(bench, ["files": .list([.text("/etc/app/conf", "1")])])
            let seen = await bench.observe(one)
            #expect(seen.isUnknown && seen.words.contains(words), "\(seen.words)")
            let failure = await bench.driver.apply(one).failure
            #expect(failure?.contains(words) == true, "\(failure ?? "")")
            #expect(access(try await bench.fleet.disk(of: "alpha") + "/etc/app", F_OK) != 0)
        }
    }

    /// An act by sudo that takes longer than its deadline is root's: the next act ends it all the same.
    @Test(arguments: ["", "Defaults !use_pty"]) func whatIsLeftOfAnActIsEnded(_ setting: String) async throws {
        try await with(setting + "\n" + Self.free) { bench in
            let root = try await bench.root()
            func block(_ line: String, _ timeout: Int) -> [String: Value] {
                let command: [String: Value] = [
                    "name": .string("slow"), "apply": .string(line), "timeout": .int(600_000),
                    "observe": .string("cat '\(root)/done' 2>/dev/null || true"),
                ]
                return ["commands": .list([.map(command)]), "timeout": .int(timeout)]
            }
            let slow = try await target(bench, block("echo $$ >'\(root)/pid'; sleep 600; true", 5000))
            // On a slow machine it may not have begun by then.
            var pid: pid_t?
            for _ in 1...5 where pid == nil {
                let failure = await bench.driver.apply(slow).failure
                #expect(failure?.contains("did not answer within 5s") == true, "\(failure ?? "")")
                pid = (try? TestFile.read(root + "/pid")).flatMap { pid_t($0.trimmingBlanks) }
            }
            let left = try #require(pid)
            #expect(kill(left, 0) == 0)
            let next = try await target(bench, block("echo \"$RECONCILE_DIGEST\" >'\(root)/done'", 300_000))
            let report = await bench.driver.apply(next)
            #expect(report.observed == next.inPlace, "\(report)")
            #expect(kill(left, 0) != 0 || SSHFleet.isZombie(left), "it goes on beside the new one")
        }
    }

    /// While a command runs by sudo: nobody on the host can read the secret from what runs there.
    @Test func secretsAreInNoArgumentList() async throws {
        try await with(Self.free) { bench in
            let root = try await bench.root()
            try TestFile.write(bench.folder + "/secret", "planted-7713\n")
            let wait =
                #"i=0; : >"$ROOT/begun"; while [ ! -e "$ROOT/go" ] && [ $i -lt 1200 ]; do i=$((i+1)); sleep 0.1; done"#
            let key: Value = .entry("/etc/app/key", ["content": .string("key={{ TOKEN }}\n"), "expand": .bool(true)])
            let command: [String: Value] = [
                "name": .string("slow"), "on_change": .list([.string("/etc/app/key")]),
                "apply": .string(#"echo "with $TOKEN"; "# + wait),
            ]
            let variables: [String: Value] = [
                "ROOT": .string(root), "TOKEN": .secret(.file(bench.folder + "/secret")),
            ]
            let one = try await target(
                bench, ["vars": .map(variables), "files": .list([key]), "commands": .list([.map(command)])])
            async let report = bench.driver.apply(one)
            try await eventually("the command has begun") { access(root + "/begun", F_OK) == 0 }
            let disk = try await bench.fleet.disk(of: "alpha")
            let lines = (try? FileManager.default.contentsOfDirectory(atPath: disk + "/proc")).orEmpty.compactMap {
                Int($0) == nil ? nil : try? TestFile.read("\(disk)/proc/\($0)/cmdline").replacing("\0", with: " ")
            }
            #expect(lines.contains { $0.hasPrefix("sudo -n -- sh -c") })
            #expect(lines.contains { $0.contains("$ROOT/go") }, "the command itself runs")
            #expect(!lines.contains { $0.contains("planted-7713") })
            try TestFile.write(root + "/go", "")
            let done = await report
            #expect(done.observed == one.inPlace, "\(done)")
            #expect(done.commands.last?.output == "with (secret)")
            #expect(try TestFile.read(disk + "/etc/app/key") == "key=planted-7713\n")
        }
    }
}

extension [String]? {
    fileprivate var orEmpty: [String] { self ?? [] }
}
