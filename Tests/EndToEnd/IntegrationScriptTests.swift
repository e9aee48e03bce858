import Foundation
import Glibc
import Processes
import TestSupport
import Testing

/// What `.ci/run` says last when something failed, whatever came before.
@Suite struct IntegrationScriptTests {
    /// Runs the script over a `make` that says this and ends so. The last lines, from the heading on.
    private func run(_ said: String, status: Int) async throws -> (status: CommandResult.Ending, last: [String]) {
        try await TemporaryFolder.with { root in
            try said.write(toFile: root + "/said", atomically: true, encoding: .utf8)
            try "#!/bin/sh\ncat '\(root)/said'\nexit \(status)\n".write(
                toFile: root + "/make", atomically: true, encoding: .utf8)
            chmod(root + "/make", 0o755)
            let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: ".ci/run").path
            let result = await ProcessRunner().run(
                Command("bash", [script], environment: ["PATH": root + ":/usr/bin:/bin", "TMPDIR": root]))
            let lines = String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
            return (result.ending, lines.firstIndex(of: "What failed:").map { Array(lines[$0...]) } ?? [])
        }
    }

    /// What tests that pass print while they check how errors are told.
    private static let noise = (0..<200).map {
        "◇ Test case passing 2 arguments line → \"a\", expected → \"\($0):1: error: `a` is not known\" to f(_:_:) started.\n"
            + "reconcile: fatal: the git server is away *** \($0)\n"
    }.joined()

    @Test func namesTheTestsThatFailedLast() async throws {
        let said = """
            ◇ Test run started.
            ◇ Test broken() started.
            ◇ Test fine() started.
            ✘ Test broken() recorded an issue at SomeTests.swift:7:9: Expectation failed: (a → 1) == (b → 2)
            ↳ what the test has to say
            \(Self.noise)✔ Test fine() passed after 0.1 seconds.
            ✘ Test broken() failed after 0.2 seconds with 1 issue.
            ✘ Suite SomeTests failed after 0.2 seconds with 1 issue.
            \(Self.noise)✘ Test run with 2 tests in 1 suite failed after 0.3 seconds with 1 issue.
            make: *** [Makefile:32: test] Error 1

            """
        let (status, last) = try await run(said, status: 2)
        #expect(status == .exited(2))
        #expect(
            last == [
                "What failed:", "make: *** [Makefile:32: test] Error 1",
                "✘ Test broken() recorded an issue at SomeTests.swift:7:9: Expectation failed: (a → 1) == (b → 2)",
                "↳ what the test has to say", "✘ Test broken() failed after 0.2 seconds with 1 issue.",
                "✘ Suite SomeTests failed after 0.2 seconds with 1 issue.",
                "✘ Test run with 2 tests in 1 suite failed after 0.3 seconds with 1 issue.",
            ])
    }

    @Test func namesTheTestsAtWhichARunWasCutOff() async throws {
        let said = """
            ◇ Test run started.
            ◇ Test hangs() started.
            ◇ Test many(_:) started.
            \(Self.noise)✔ Test many(_:) with 2 test cases passed after 0.1 seconds.
            error: Exited with unexpected signal code 11
            make: *** [Makefile:32: test] Error 1

            """
        let (status, last) = try await run(said, status: 2)
        #expect(status == .exited(2))
        #expect(
            last == [
                "What failed:", "began and did not end: hangs()", "error: Exited with unexpected signal code 11",
                "make: *** [Makefile:32: test] Error 1",
            ])
    }

    @Test func showsWhatTheCompilerSays() async throws {
        let error = "/home/you/Sources/Model/Step.swift:3:9: error: cannot find 'x' in scope"
        let (status, last) = try await run(Self.noise + error + "\nlet y = x\n" + Self.noise, status: 2)
        #expect(status == .exited(2) && last == ["What failed:", error])
        #expect(try await run(Self.noise, status: 0) == (.exited(0), []))
    }
}
