import Foundation
import TestSupport
import Testing

/// Nothing goes on for ever: each deadline ends what it is for, and the last good input comes back.
@Suite struct DeadlineTests {
    /// Version 1 is good; version 2 would never come to its end by itself.
    private func expectTheWayBack(
        from version2: (World) -> [String: String], _ words: String
    ) async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            #expect(await world.pass().status == 0)
            try await world.repository.commit(version2(world))
            let run = await world.pass()
            #expect(try run.status == 3 && run.outcome("staging") == "rolled-back", "\(run.output) \(run.errors)")
            let reason = try run.environment("staging")["reason"] as? String ?? ""
            #expect(reason.contains(words), "\(reason)")
            #expect(world.version("web-1") == "1")
            #expect(try await world.survivors().isEmpty, "what was cut short is ended")
        }
    }

    @Test func ofAWholePass() async throws {
        try await expectTheWayBack(
            from: {
                [
                    // The way back has the time that the last good input gives, not this.
                    "staging/environment.yaml": World.environment("deadline: 1s"),
                    "staging/web.yaml": $0.workload(version: "2", before: "sleep 600"),
                ]
            }, "longer than its deadline of 1s")
    }

    @Test func ofProgress() async throws {
        try await expectTheWayBack(
            from: {
                [
                    "staging/web.yaml": $0.workload(
                        version: "2", before: "sleep 600",
                        rollout: "{min_healthy_time: 0s, progress_deadline: 1s}")
                ]
            }, "no progress for 1s")
    }

    @Test func ofACommand() async throws {
        try await expectTheWayBack(
            from: { ["staging/web.yaml": $0.workload(version: "2", before: "sleep 600", shell: "  timeout: 5s")] },
            "apply timed out after 5s")
    }
}
