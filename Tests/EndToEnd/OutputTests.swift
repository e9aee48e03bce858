import Foundation
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// What becomes of results where nobody, or not everybody, can take them.
@Suite struct OutputTests {
    private func shell(_ world: World, _ line: String) async -> CommandResult {
        await ProcessRunner().run(
            Command(
                "/bin/sh", ["-c", line, TestBinary.path],
                environment: [
                    "PATH": "/usr/bin:/bin", "RECONCILE_REPO": world.repository.path, "RECONCILE_STATE": world.state,
                ], workingDirectory: world.root, timeout: .seconds(300)))
    }

    @Test func aResultThatIsNotCompleteIsNoSuccess() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            let full = await shell(world, "\"$0\" --dry-run -o json >/dev/full")
            let said = String(decoding: full.errors, as: UTF8.self)
            #expect(full.ending == .exited(1) && said.contains("No space left"), "\(full.ending) \(said)")
            #expect(await shell(world, "{ \"$0\" schema; echo $? >status; } | true").succeeded)
            #expect(world.read("status") == "0\n", "a reader that went away is no error")
        }
    }

    /// Else a file of ours would get the closed one's number, and the results.
    @Test func closedOutputsAreNoFilesOfOurs() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            #expect(await shell(world, "\"$0\" -v <&- >&- 2>&-").ending == .exited(0))
            #expect(world.version("web-1") == "1")
            let lock = try String(contentsOfFile: world.state + "/lock", encoding: .utf8)
            #expect(!lock.contains("staging"), "\(lock)")
            #expect(try await world.sql("PRAGMA integrity_check") == ["ok"])
        }
    }

    /// Somebody who shares a pipe with us may have told it not to block.
    @Test func aPipeThatDoesNotBlockLosesNothing() async throws {
        try await World.with { world in
            let line = """
                { python3 -c 'import fcntl, os; fcntl.fcntl(1, fcntl.F_SETFL, os.O_NONBLOCK)'
                for n in 1 2 3 4; do "$0" schema; done; } | { sleep 1; wc -c; }; "$0" schema | wc -c
                """
            let counts = String(decoding: await shell(world, line).output, as: UTF8.self)
                .split(separator: "\n").compactMap { Int($0.filter(\.isNumber)) }
            #expect(counts.count == 2 && counts[0] == 4 * counts[1] && counts[1] > 16384, "\(counts)")
        }
    }
}
