import DriverKit
import FoundationEssentials
import Glibc
import Model
import TestSupport
import Testing

@testable import SSHDriver

/// A real systemd, which is the first process of the host.
@Suite(.fewAtOnce) struct RealSystemdTests {
    /// A bench with a host `alpha` of its own, and a place for what services write.
    private func with(_ body: (Bench, _ root: String) async throws -> Void) async throws {
        let sudo = access("/usr/bin/sudo", X_OK) == 0
        let system = HostSystem(
            setup: sudo
                ? """
                useradd -m -s /bin/sh -p '*' deploy
                echo 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers
                """ : "", hasSystemd: true)
        if let missing = await system.missing() { try Test.cancel("\(missing)") }
        try await Bench.with([]) { bench in
            let root = try await bench.fleet.add("alpha", system: system).root
            try await body(bench, root)
        }
    }

    private static let home = "/etc/systemd/system"

    /// A service that notes what it is told, and runs until it is stopped.
    private func service(_ root: String, _ version: String, type: String = "exec", more: String = "") -> String {
        """
        [Service]
        Type=\(type)
        ExecStart=/bin/sh -c 'echo \(version) $WORD >>\(root)/log; exec sleep 1000000'
        ExecReload=/bin/sh -c 'echo reload >>\(root)/log'
        \(more)
        [Install]
        WantedBy=multi-user.target

        """
    }

    private func unit(_ content: String?, _ more: [String: Value] = [:], name: String = "web.service") -> Value {
        var entries: [String: Value] = ["name": .string(name), "enabled": .bool(true), "running": .bool(true)]
        if let content { entries["content"] = .string(content) }
        return .map(entries.merging(more) { $1 })
    }

    private func state(_ bench: Bench, _ name: String = "web.service") async throws -> String {
        try await bench.fleet.run(
            on: "alpha", ["systemctl", "show", "-P", "LoadState,UnitFileState,ActiveState,NeedDaemonReload", name]
        ).split(separator: "\n", omittingEmptySubsequences: false).joined(separator: " ")
            .trimmingBlanks
    }

    private func log(_ root: String) -> [String] {
        ((try? TestFile.read(root + "/log")) ?? "").split(separator: "\n").map { String($0).trimmingBlanks }
    }

    /// Waits until a service got so far, by its own notes.
    private func wait(_ root: String, for lines: [String]) async throws {
        guard try await eventually({ log(root) == lines }) else {
            throw TestSupportError("not within two minutes: \(lines), but \(log(root))")
        }
    }

    /// It takes systemd a moment to see what became of a process.
    private func wait(_ bench: Bench, for seen: Observation, of target: InstanceTarget) async throws {
        guard try await eventually({ await bench.observe(target) == seen }) else {
            throw TestSupportError("not within two minutes: \(seen), but \(await bench.observe(target))")
        }
    }

    @Test(arguments: ["root", "deploy"]) func aUnitsWholeLife(_ user: String) async throws {
        try await with { bench, root in
            if user != "root", access("/usr/bin/sudo", X_OK) != 0 { try Test.cancel("sudo is missing") }
            func target(_ version: String, _ more: [String: Value] = [:]) async throws -> InstanceTarget {
                try await bench.target(
                    [
                        "units": .list([unit(service(root, version), more)]),
                        "become": user == "root" ? .null : .string("sudo"),
                    ], host: ["user": .string(user)])
            }
            let one = try await target("1")
            #expect(await bench.observe(one) == .absent)
            let report = await bench.driver.apply(one)
            #expect(report.observed == one.inPlace, "\(report)")
            #expect(try await state(bench) == "loaded active enabled no")
            try await wait(root, for: ["1"])
            let two = try await target("2")
            #expect(await bench.observe(two) == one.inPlace)
            #expect(await bench.driver.apply(two).observed == two.inPlace)
            try await wait(root, for: ["1", "2"])
            // Back to the version before.
            #expect(await bench.driver.apply(one).observed == one.inPlace)
            try await wait(root, for: ["1", "2", "1"])

            let off = try await target("1", ["enabled": .bool(false), "running": .bool(false)])
            #expect(await bench.observe(off) == one.inPlace)
            let stopped = await bench.driver.apply(off)
            #expect(stopped.observed == off.inPlace, "\(stopped)")
            #expect(try await state(bench) == "loaded inactive disabled no")
            #expect(await bench.driver.apply(one).observed == one.inPlace)
            let removed = await bench.driver.remove(one)
            #expect(removed.observed == .absent, "\(removed)")
            #expect(try await state(bench) == "not-found inactive  no")
            let disk = try await bench.fleet.disk(of: "alpha")
            #expect(try FileManager.default.contentsOfDirectory(atPath: disk + Self.home) == [])
        }
    }

    @Test func whatIsDoneByHandIsSeenAndMended() async throws {
        try await with { bench, root in
            let disk = try await bench.fleet.disk(of: "alpha")
            // systemd itself does not see that such a folder is new.
            try FileManager.default.createDirectory(
                atPath: disk + Self.home + "/web.service.d", withIntermediateDirectories: true)
            let one = try await bench.target(["units": .list([unit(service(root, "1"))])])
            #expect(await bench.driver.apply(one).observed == one.inPlace)
            try await wait(root, for: ["1"])
            try await bench.fleet.run(on: "alpha", ["systemctl", "stop", "web.service"])
            #expect(await bench.observe(one) == .running("unit web.service is inactive"))
            #expect(await bench.driver.apply(one).observed == one.inPlace)
            try await wait(root, for: ["1", "1"])
            try await bench.fleet.run(on: "alpha", ["systemctl", "disable", "web.service"])
            #expect(await bench.observe(one) == .running("unit web.service is not enabled"))
            #expect(await bench.driver.apply(one).observed == one.inPlace)
            // That alone is no reason to restart it.
            try await wait(root, for: ["1", "1"])
            try TestFile.write(disk + Self.home + "/web.service", service(root, "mine"))
            #expect(
                await bench.observe(one)
                    == .running("\(Self.home)/web.service differs; unit web.service is loaded from an older file"))
            #expect(await bench.driver.apply(one).observed == one.inPlace)
            try await wait(root, for: ["1", "1", "1"])
            try TestFile.write(disk + Self.home + "/web.service.d/hand.conf", "[Service]\nNice=5\n")
            #expect(await bench.observe(one) == .running("unit web.service is loaded from an older file"))
            #expect(await bench.driver.apply(one).observed == one.inPlace)
            try await bench.fleet.run(
                on: "alpha", ["systemctl", "kill", "--kill-whom=all", "-s", "KILL", "web.service"])
            try await wait(bench, for: .running("unit web.service is failed"), of: one)
            #expect(await bench.driver.apply(one).observed == one.inPlace)
            try await wait(root, for: ["1", "1", "1", "1"])
        }
    }

    @Test func restartsAndReloads() async throws {
        try await with { bench, root in
            func target(_ soft: String, _ hard: String) async throws -> InstanceTarget {
                let names: [String: Value] = [
                    "reload_on": .list([.string(root + "/soft")]), "restart_on": .list([.string(root + "/hard")]),
                ]
                return try await bench.target([
                    "files": .list([.text(root + "/soft", soft), .text(root + "/hard", hard)]),
                    "units": .list([unit(service(root, "up"), names)]),
                ])
            }
            for (soft, hard, lines) in [
                ("1", "1", ["up"]), ("2", "1", ["up", "reload"]), ("2", "2", ["up", "reload", "up"]),
            ] {
                let next = try await target(soft, hard)
                let report = await bench.driver.apply(next)
                #expect(report.observed == next.inPlace, "\(report)")
                try await wait(root, for: lines)
            }
            // Both at once: a restart reads everything anew.
            let last = try await target("3", "3")
            #expect(await bench.driver.apply(last).observed == last.inPlace)
            try await wait(root, for: ["up", "reload", "up", "up"])
        }
    }

    /// Files that change what systemd knows of a unit whose own file stays: it has to read them before the restart.
    @Test func dropInsAndTemplatesAreRead() async throws {
        try await with { bench, root in
            func target(_ word: String?, _ template: String) async throws -> InstanceTarget {
                let folder = Self.home + "/web.service.d"
                let path = Self.home + "/worker@.service"
                var files: [Value] = [
                    .text(path, service(root, template)), .entry(folder, ["directory": .bool(true)]),
                ]
                if let word { files.append(.text(folder + "/word.conf", "[Service]\nEnvironment=WORD=\(word)\n")) }
                return try await bench.target([
                    "files": .list(files),
                    "units": .list([
                        unit(nil, ["restart_on": .list([.string(path)])], name: "worker@1.service"),
                        unit(service(root, "web"), ["restart_on": .list([.string(folder)])]),
                    ]),
                ])
            }
            var lines = ["w1", "web a"]
            for (word, template, line) in [
                ("a", "w1", nil), ("b", "w1", "web b"), ("b", "w2", "w2"), (nil, "w2", "web"), (nil, "w2", nil),
            ] as [(String?, String, String?)] {
                let next = try await target(word, template)
                let report = await bench.driver.apply(next)
                #expect(report.observed == next.inPlace, "\(report)")
                if let line { lines.append(line) }
                try await wait(root, for: lines)
            }
            let last = try await target(nil, "w2")
            let removed = await bench.driver.remove(last)
            #expect(removed.observed == .absent, "\(removed)")
            #expect(try await state(bench) == "not-found inactive  no")
        }
    }

    /// What waits for a folder is told when a file in it goes, too.
    @Test func aFileThatGoesIsAChange() async throws {
        try await with { bench, root in
            func target(_ names: [String]) async throws -> InstanceTarget {
                let sites = root + "/sites"
                let told: Value = .map([
                    "name": .string("told"), "apply": .string("ls '\(sites)' >>'\(root)/told'"),
                    "on_change": .list([.string(sites)]),
                ])
                return try await bench.target([
                    "files": .list(
                        [.entry(sites, ["directory": .bool(true)])] + names.map { .text(sites + "/" + $0, "x") }),
                    "units": .list([unit(service(root, "up"), ["reload_on": .list([.string(sites)])])]),
                    "commands": .list([told]),
                ])
            }
            for names in [["a", "b"], ["a"], ["c"]] {
                let next = try await target(names)
                let report = await bench.driver.apply(next)
                #expect(report.observed == next.inPlace, "\(report)")
                #expect(await bench.observe(next) == next.inPlace)
            }
            try await wait(root, for: ["up", "reload", "reload"])
            #expect(try TestFile.read(root + "/told") == "a\nb\na\nc\n")
        }
    }

    @Test func whereItIsWantedFollowsTheFile() async throws {
        try await with { bench, root in
            let disk = try await bench.fleet.disk(of: "alpha")
            for (install, links) in [
                ("WantedBy=multi-user.target", ["multi-user.target.wants"]),
                ("WantedBy=basic.target", ["basic.target.wants"]), ("", []),
                ("WantedBy=basic.target", ["basic.target.wants"]),
            ] {
                let content = "[Service]\nExecStart=sleep 1000000\n[Install]\n\(install)\n"
                let next = try await bench.target(["units": .list([unit(content)])])
                let report = await bench.driver.apply(next)
                #expect(report.observed == next.inPlace, "\(report)")
                let names = try FileManager.default.contentsOfDirectory(atPath: disk + Self.home)
                #expect(names.filter { $0.hasSuffix(".wants") } == links, "after \(install)")
            }
        }
    }

    @Test(arguments: ["exec", "oneshot", "notify"]) func aUnitThatFailsToStart(_ type: String) async throws {
        try await with { bench, root in
            func target(_ content: String) async throws -> InstanceTarget {
                try await bench.target(["units": .list([unit(content)])])
            }
            let again = "Restart=on-failure\nRestartSec=10ms"
            let good = try await target(service(root, "1", more: again))
            #expect(await bench.driver.apply(good).observed == good.inPlace)
            try await wait(root, for: ["1"])
            let start = type == "exec" ? "/nonexistent/program" : "/bin/false"
            let install = "[Install]\nWantedBy=multi-user.target\n"
            let bad = try await target("[Service]\nType=\(type)\n\(again)\nExecStart=\(start)\n\(install)")
            #expect(await bench.observe(bad) == good.inPlace)
            for _ in 1...3 {
                let failure = await bench.driver.apply(bad).failure ?? ""
                // systemd's own restart may have come in between: then it says that the job was canceled, and no more.
                #expect(failure.contains("start web.service failed: Job for web.service "), "\(failure)")
                #expect(
                    failure.contains("canceled")
                        || failure.hasSuffix(
                            #"See "systemctl status web.service" and "journalctl -xeu web.service" for details."#)
                )
            }
            #expect(await bench.observe(bad).words.contains("unit web.service is "))
            let back = await bench.driver.apply(good)
            #expect(back.observed == good.inPlace, "\(back)")
            #expect(log(root).count > 1)
            // A version that never came up goes whole.
            #expect(await bench.driver.apply(bad).failure != nil)
            #expect(await bench.driver.remove(bad).observed == .absent)
            let failed = ["systemctl", "list-units", "--failed", "--plain", "--no-legend"]
            #expect(try await bench.fleet.run(on: "alpha", failed) == "")
        }
    }

    /// systemd refuses to start what failed too often in a while; that is no reason not to mend it.
    @Test func aUnitThatFailedTooOften() async throws {
        try await with { bench, root in
            let content = """
                [Unit]
                StartLimitIntervalSec=1h
                [Service]
                Type=exec
                Restart=on-failure
                RestartSec=10ms
                ExecStart=/bin/sh -c 'test -e \(root)/ready && exec sleep 1000000'
                [Install]
                WantedBy=multi-user.target

                """
            let one = try await bench.target(["units": .list([unit(content)])])
            _ = await bench.driver.apply(one)
            try await eventually("it has failed") { try await state(bench) == "loaded failed enabled no" }
            #expect(await bench.observe(one).words.hasPrefix("unit web.service is failed"))
            try TestFile.write(root + "/ready", "")
            let report = await bench.driver.apply(one)
            #expect(report.observed == one.inPlace, "\(report)")
            // Nor do our own restarts count.
            for number in 1...7 {
                let next = try await bench.target(["units": .list([unit(content + "# \(number)\n")])])
                let report = await bench.driver.apply(next)
                #expect(report.observed == next.inPlace, "\(report)")
            }
        }
    }

    /// A service that ends again and again is neither running nor stopped.
    @Test func aUnitThatSystemdTriesAgain() async throws {
        try await with { bench, root in
            let content = """
                [Service]
                Restart=always
                RestartSec=100h
                ExecStart=/bin/sh -c 'echo up >>\(root)/log; test ! -e \(root)/ready || exec sleep 1000000'

                """
            func target(_ isRunning: Bool) async throws -> InstanceTarget {
                let more: [String: Value] = ["running": .bool(isRunning), "enabled": .null]
                return try await bench.target(["units": .list([unit(content, more)])])
            }
            let on = try await target(true)
            _ = await bench.driver.apply(on)
            try await wait(root, for: ["up"])
            try await wait(bench, for: .running("unit web.service is auto-restart"), of: on)
            try TestFile.write(root + "/ready", "")
            let mended = await bench.driver.apply(on)
            #expect(mended.observed == on.inPlace, "\(mended)")
            try FileManager.default.removeItem(atPath: root + "/ready")
            try await bench.fleet.run(on: "alpha", ["systemctl", "restart", "web.service"])
            let off = try await target(false)
            try await wait(bench, for: .running("unit web.service is auto-restart"), of: off)
            let stopped = await bench.driver.apply(off)
            #expect(stopped.observed == off.inPlace, "\(stopped)")
            #expect(try await state(bench) == "loaded inactive static no")
        }
    }

    @Test func whatCannotBeEnabledAndWhatIsMasked() async throws {
        try await with { bench, root in
            let disk = try await bench.fleet.disk(of: "alpha")
            let own = disk + "/lib/systemd/system/"
            try TestFile.write(own + "still.service", "[Service]\nExecStart=sleep 1000000\n")
            try TestFile.write(own + "masked.service", service(root, "x"))
            try await bench.fleet.run(on: "alpha", ["systemctl", "daemon-reload"])
            try await bench.fleet.run(on: "alpha", ["systemctl", "mask", "masked.service"])
            for (name, isEnabled, isRunning, words) in [
                ("still.service", true, true, nil), ("still.service", false, true, nil),
                ("still.service", false, false, nil), ("masked.service", false, false, nil),
                ("masked.service", true, false, "systemctl enable masked.service failed: Failed to enable unit"),
                ("masked.service", nil, true, "Unit masked.service is masked."),
                ("none.service", true, true, "Unit file none.service does not exist."),
                ("none.service", nil, true, "Unit none.service not found."), ("none.service", false, false, nil),
            ] as [(String, Bool?, Bool, String?)] {
                let more: [String: Value] = [
                    "enabled": isEnabled.map { .bool($0) } ?? .null, "running": .bool(isRunning),
                ]
                let one = try await bench.target([
                    "files": .list([.text(root + "/x", "1")]), "units": .list([unit(nil, more, name: name)]),
                ])
                let report = await bench.driver.apply(one)
                if let words {
                    #expect(report.failure?.contains(words) == true, "\(report)")
                } else {
                    #expect(report.observed == one.inPlace, "\(name): \(report)")
                }
            }
        }
    }
}
