import Foundation
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// `kill -9` anywhere: one pass later the world is as git says or at the last good, no finished step ran again, no
/// record is missing or left open, the file is whole, and no child survives.
@Suite struct CrashTests {
    enum Way: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case rolling, recreate
        var testDescription: String { rawValue }
    }

    /// What is deployed over version 1: version 2, or a version 2 that fails at its last instance and goes back.
    enum Direction: String, CaseIterable, Sendable { case forward, back }

    private static let replicas = 3

    /// A world at version 1 with version 2 committed. Returns how long the pass to version 1 took.
    @discardableResult
    private static func prepare(_ world: World, _ way: Way, _ direction: Direction, killer: String = "true")
        async throws -> Duration
    {
        // Only what is to fail may run into its deadline, however slow the machine is.
        func rollout(_ deadline: String) -> String {
            "{strategy: \(way.rawValue), max_parallel: 2, min_healthy_time: 0s, healthy_deadline: \(deadline)}"
        }
        let environment = World.environment("smoke: [{command: \"echo smoke >>'\(world.live)/smokes'\"}]")
        func web(_ version: String, health: String, deadline: String = "5m") -> String {
            world.workload(
                version: version, replicas: replicas, before: killer, rollout: rollout(deadline),
                shell: "  health: |\n    \(killer)\n    \(health)"
            ).replacingOccurrences(of: "echo \"remove", with: "\(killer)\n    echo \"remove")
        }
        let web1 = web("1", health: "true")
        try await world.repository.commit(["staging/environment.yaml": environment, "staging/web.yaml": web1])
        let start = ContinuousClock.now
        let first = await world.pass()
        let duration = ContinuousClock.now - start
        guard first.status == 0 else { throw TestSupportError("\(first.output) \(first.errors)") }
        let health = direction == .back ? #"test "$RECONCILE_INSTANCE" != web-3"# : "true"
        try await world.repository.commit(
            ["staging/web.yaml": web("2", health: health, deadline: direction == .back ? "200ms" : "5m")],
            message: "Version 2")
        try? FileManager.default.removeItem(atPath: world.live + "/acts")
        return duration
    }

    /// Passes until one is not killed, and checks everything that must hold then.
    private static func check(_ world: World, _ direction: Direction, _ label: String) async throws {
        let last = await world.pass()
        let outcome = try last.outcome("staging")
        switch direction {
        case .forward:
            #expect(
                last.status == 0 && (outcome == "applied" || outcome == "in-sync"),
                "\(label): \(last.output) \(last.errors)")
        case .back:
            #expect(
                last.status == 3 && (outcome == "rolled-back" || outcome == "held"),
                "\(label): \(last.output) \(last.errors)")
        }
        let version = direction == .forward ? "2" : "1"
        for instance in 1...replicas {
            #expect(world.version("web-\(instance)") == version, "\(label): web-\(instance)")
        }
        #expect(
            try await world.sql("SELECT count(*) FROM reconciles WHERE finished_at IS NULL OR outcome IS NULL") == [
                "0"
            ], "\(label)")
        #expect(
            try await world.sql("SELECT count(*) FROM steps WHERE state IN ('planned', 'running')") == ["0"], "\(label)"
        )
        #expect(try await world.sql("PRAGMA integrity_check") == ["ok"], "\(label)")
        #expect(try await world.survivors().isEmpty, "\(label): children survive")
    }

    /// Each instance is brought to each version once, whatever was killed in between.
    private static func repeats(_ world: World, _ direction: Direction) -> [String] {
        // There and back, recreate removes an instance twice: once for each way.
        let removals = direction == .back ? 2 : 1
        return Dictionary(grouping: world.acts, by: { $0 }).filter { act, all in
            all.count > (act.hasPrefix("remove") ? removals : 1)
        }.map { "\($0.key) × \($0.value.count)" }
    }

    @Test(arguments: Way.allCases, Direction.allCases)
    func atEveryJournalWrite(way: Way, direction: Direction) async throws {
        for side in ["before", "after"] {
            for number in 1...200 {
                var isOver = false
                try await World.with { world in
                    try await Self.prepare(world, way, direction)
                    let killed = await world.pass(environment: ["RECONCILE_CRASH_AT": "\(side):\(number)"])
                    isOver = killed.ending != .signaled(SIGKILL)
                    let label = "\(way) \(direction) \(side):\(number)"
                    try await Self.check(world, direction, label)
                    #expect(Self.repeats(world, direction).isEmpty, "\(label): \(Self.repeats(world, direction))")
                }
                if isOver {
                    #expect(number > 5, "too few writes were reached for this to mean anything")
                    break
                }
            }
        }
    }

    /// Every command counts itself; the one whose turn it is kills the process that runs it, before its act or after.
    @Test(arguments: Way.allCases, Direction.allCases)
    func insideEveryCommand(way: Way, direction: Direction) async throws {
        for number in 1...60 {
            var isOver = false
            try await World.with { world in
                let script = """
                    #!/bin/sh
                    n=$(($(cat "\(world.root)/count" 2>/dev/null || echo 0) + 1)); echo $n >"\(world.root)/count"
                    if [ "$n" = "$(cat "\(world.root)/turn" 2>/dev/null)" ]; then kill -9 "$1"; sleep 30; fi
                    """
                try script.write(toFile: world.root + "/killer", atomically: true, encoding: .utf8)
                try await Self.prepare(world, way, direction, killer: "sh '\(world.root)/killer' $PPID")
                try? FileManager.default.removeItem(atPath: world.root + "/count")
                try String(number).write(toFile: world.root + "/turn", atomically: true, encoding: .utf8)
                let killed = await world.pass()
                isOver = killed.ending != .signaled(SIGKILL)
                try? FileManager.default.removeItem(atPath: world.root + "/turn")
                try await Self.check(world, direction, "\(way) \(direction) command \(number)")
            }
            if isOver {
                #expect(number > 3, "too few commands were reached for this to mean anything")
                break
            }
        }
    }

    @Test func atRandomInstants() async throws {
        let count = getenv("RECONCILE_TORTURE").flatMap { Int(String(cString: $0)) } ?? 40
        var killed = 0
        for number in 0..<count {
            let way = Way.allCases[number % 2]
            let direction = Direction.allCases[number / 2 % 2]
            try await World.with { world in
                // A pass takes as long as the machine is slow: so does the time within which it is killed.
                let whole = try await Self.prepare(world, way, direction) * (direction == .forward ? 1 : 2)
                let delay = Int64.random(in: 1...max(2, Int64(whole / .milliseconds(1))))
                let run = await world.reconcile(["-o", "json"], timeout: .init(milliseconds: delay))
                if run.ending == .timedOut { killed += 1 }
                try await Self.check(world, direction, "\(way) \(direction) after \(delay) ms")
            }
        }
        #expect(killed > count / 4, "only \(killed) of \(count) runs were killed under way")
    }

    @Test func whatCannotBeSeenAfterACrashIsSaidAndGoneOnWithLater() async throws {
        try await World.with { world in
            let git = world.repository
            let seen = world.workload(version: "2", before: "touch \"$ROOT/dark\"; kill -9 $PPID").replacingOccurrences(
                of: "observe: cat", with: "observe: test ! -e \"$ROOT/dark\" || exit 7; cat")
            try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            #expect(await world.pass().status == 0)
            try await git.commit(["staging/web.yaml": seen])
            #expect(await world.pass().ending == .signaled(SIGKILL))
            let blind = await world.pass()
            #expect(try blind.status == 1 && blind.outcome("staging") == "error", "\(blind.output) \(blind.errors)")
            for command in ["status", "why staging"] {
                let run = await world.reconcile(command.split(separator: " ").map(String.init))
                #expect(run.output.contains("error") && run.output.contains("web-1 could not be seen"), "\(run.output)")
                #expect(!run.output.contains("abort"), "that would have to be seen, too")
            }
            try FileManager.default.removeItem(atPath: world.live + "/dark")
            try await git.commit(["staging/web.yaml": world.workload(version: "3")])
            #expect(await world.pass().status == 0)
            #expect(world.version("web-1") == "3")
            #expect(
                try await world.sql("SELECT outcome FROM reconciles ORDER BY id") == [
                    "applied", "superseded", "applied",
                ])
        }
    }
}
