import DriverKit
import Glibc
import Model
import Processes
import ShellDriver
import Testing

/// What users script against, line by line.
@Suite struct ContractTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    private let wanted = Digest(ofText: "wanted")

    private func observe(_ line: String, _ entries: [String: Value] = [:]) async -> Observation? {
        await bench.driver.observe([bench.target(["observe": line], entries)]).first
    }

    @Test func observeTellsWhatIsThere() async {
        #expect(await observe("echo; echo \"  $RECONCILE_DIGEST \"") == .running(wanted.hex))
        #expect(await observe("echo version 7") == .running("version 7"))
        #expect(await observe("true") == .absent)
        #expect(await observe("printf ' \\n\\t '") == .absent)
        #expect(await observe("echo noise >&2") == .absent)
    }

    @Test func whatCannotBeSeenIsUnknown() async {
        #expect(await observe("echo old; exit 3") == .unknown("observe exited 3"))
        #expect(await observe("echo 'no route' >&2; echo more >&2; exit 1") == .unknown("observe exited 1: no route"))
        #expect(await observe("kill -9 $$") == .unknown("observe was ended by signal 9"))
        let slow: [String: Value] = ["timeout": .int(200)]
        #expect(await observe("echo half; sleep 60", slow) == .unknown("observe timed out after 200ms"))
    }

    @Test func hostileTextIsShortAndClean() async {
        guard case .running(let text) = await observe("printf '\\033[31mred'; head -c 100000 /dev/zero | tr '\\0' x")
        else {
            Issue.record("not running")
            return
        }
        #expect(text.count <= 210 && text.hasPrefix("\\u{1b}[31mred"))
        guard case .unknown(let reason) = await observe("head -c 100000 /dev/zero | tr '\\0' y >&2; exit 1") else {
            Issue.record("not unknown")
            return
        }
        #expect(reason.count < 300)
    }

    @Test func commandsGetTheEnvironmentOfTheContractAndNothingElse() async throws {
        let bench = try Bench(baseEnvironment: [
            "PATH": "/usr/bin:/bin", "HOME": "/root", "USER": "u", "LANG": "C", "TMPDIR": "/tmp", "AWS_KEY": "ours",
        ])
        let env: Value = .map([
            "ROOT": .string("/srv/a b"), "LANG": .string("de_DE"), "RECONCILE_DIGEST": .string("forged"),
            "RECONCILE_RUN": .string("forged"),
        ])
        let report = await bench.driver.apply(
            bench.target(["apply": "env > out"], ["env": env], instance: "site-2", index: 2))
        #expect(report.failure == nil)
        let lines = Set((bench.text("out") ?? "").split(separator: "\n").map(String.init))
        #expect(
            lines.subtracting(["PWD=\(bench.path)", "OLDPWD=\(bench.path)", "SHLVL=1", "_=/usr/bin/env"]) == [
                "PATH=/usr/bin:/bin", "HOME=/root", "USER=u", "LANG=de_DE", "TMPDIR=/tmp", "ROOT=/srv/a b",
                "RECONCILE_ENVIRONMENT=staging", "RECONCILE_WORKLOAD=site", "RECONCILE_INSTANCE=site-2",
                "RECONCILE_INDEX=2",
                "RECONCILE_DIGEST=\(wanted.hex)", "RECONCILE_COMMIT=c0ffee", "RECONCILE_WEIGHT=100",
                "RECONCILE_RUN=bench",
            ])
    }

    @Test func applyAndRemoveAreOneTryWithOneRecord() async {
        let done = await bench.driver.apply(bench.target(["apply": "echo out; echo err >&2; pwd"]))
        #expect(done.failure == nil)
        #expect(done.commands.map(\.output) == ["out\nerr\n\(bench.path)\n"])
        #expect(done.commands.map(\.status) == ["exit 0"] && done.commands.map(\.purpose) == ["apply"])

        let failed = await bench.driver.apply(bench.target(["apply": "echo first; echo disk full >&2; exit 3"]))
        #expect(failed.failure == "apply exited 3: disk full")
        #expect(failed.commands.map(\.status) == ["exit 3"])

        // On a loaded machine nothing may have been said by the shortest of these.
        for timeout in [200, 2000, 20_000] {
            let span = TimeSpan(milliseconds: Int64(timeout))
            let late = await bench.driver.remove(
                bench.target(["remove": "echo on; sleep 60"], ["timeout": .int(timeout)]))
            #expect(late.commands.map(\.status) == ["timed out after \(span)"])
            guard late.commands.first?.output.isEmpty == false || timeout == 20_000 else { continue }
            #expect(late.failure == "remove timed out after \(span): on")
            break
        }
    }

    @Test func longOutputKeepsItsBeginningAndItsEnd() async throws {
        let report = await bench.driver.apply(bench.target(["apply": "echo begin; seq 1 100000; echo the end; exit 1"]))
        let output = try #require(report.commands.first?.output)
        #expect(output.utf8.count <= 16_384)
        #expect(output.hasPrefix("begin\n1\n2\n") && output.hasSuffix("99999\n100000\nthe end\n"))
        #expect(report.failure == "apply exited 1: the end")
    }

    @Test func healthThatFailsIsNotYet() async {
        #expect(await bench.driver.health(bench.target([:])) == nil)
        #expect(!bench.driver.asksHealth(block: .map([:])))
        #expect(bench.driver.asksHealth(block: .map(["health": .string("true")])))
        #expect(await bench.driver.health(bench.target(["health": "true"]))?.verdict == .pass)
        let report = await bench.driver.health(bench.target(["health": "echo warming up; exit 1"]))
        #expect(report?.verdict == .fail("health exited 1: warming up"))
        #expect(report?.commands.map(\.purpose) == ["health"])
    }

    @Test func theDigestCoversWhatRunsAndNothingElse() {
        let driver = bench.driver
        let file = SourceFile(path: "site/run.sh", kind: .file, id: "aa", size: 1)
        let block: [String: Value] = [
            "env": .map(["A": .string("1")]), "apply": .string("a"), "observe": .string("o"), "remove": .string("r"),
            "health": .string("h"), "traffic": .string("t"), "timeout": .int(1),
        ]
        let digest = driver.digest(block: .map(block), files: [file])
        for key in ["observe", "remove", "health", "traffic", "timeout"] {
            #expect(driver.digest(block: .map(block.merging([key: .string("new")]) { $1 }), files: [file]) == digest)
        }
        for (key, value) in [("apply", Value.string("b")), ("env", .map(["A": .string("2")])), ("env", .null)] {
            #expect(driver.digest(block: .map(block.merging([key: value]) { $1 }), files: [file]) != digest)
        }
        for change in [
            ("path", "site/go.sh", SourceFile.Kind.file, "aa"), ("mode", "site/run.sh", .executable, "aa"),
            ("content", "site/run.sh", .file, "bb"),
        ] {
            let other = SourceFile(path: change.1, kind: change.2, id: change.3, size: 1)
            #expect(driver.digest(block: .map(block), files: [other]) != digest, "\(change.0)")
        }
        #expect(
            driver.digest(block: .map(block.filter { $0.key != "env" }), files: [file])
                == driver.digest(block: .map(block.merging(["env": .map([:])]) { $1 }), files: [file]))
    }

    @Test func manyAreObservedInOrder() async {
        let targets = (1...300).map {
            bench.target(["observe": "echo $RECONCILE_INSTANCE"], instance: "site-\($0)", index: $0)
        }
        #expect(await bench.driver.observe(targets) == (1...300).map { .running("site-\($0)") })
        #expect(await bench.driver.observe([]).isEmpty)
    }

    @Test func neverMoreTogetherThanThereAreSlots() async throws {
        let bench = try Bench(slots: 2)
        let line = "mkdir run-$$; ls -d run-* | wc -l; sleep 0.05; rmdir run-$$"
        let targets = (1...10).map { bench.target(["observe": line], instance: "site-\($0)", index: $0) }
        for answer in await bench.driver.observe(targets) { #expect([.running("1"), .running("2")].contains(answer)) }
    }

    @Test func aCancelledObserveIsUnknown() async throws {
        let target = bench.target(["observe": "sleep 60"])
        let task = Task { await bench.driver.observe([target, target]) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        #expect(await task.value == [.unknown("observe was cancelled"), .unknown("observe was cancelled")])
    }
}
