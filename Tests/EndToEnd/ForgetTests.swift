import Foundation
import TestSupport
import Testing

/// An environment that was forgotten and comes back begins anew.
@Suite struct ForgetTests {
    @Test func whatComesBackHasNoPast() async throws {
        try await World.with { world in
            let git = world.repository
            let kept = [
                "other/environment.yaml": World.environment("interval: 1h"), "other/api.yaml": world.workload("api"),
            ]
            let files = [
                "staging/environment.yaml": World.environment("interval: 1h"), "staging/web.yaml": world.workload(),
            ]
            try await git.commit(kept.merging(files) { $1 })
            let loop = try await Background.run(world)
            try await world.applied(2)
            #expect(await world.reconcile("pause", "staging").status == 0)
            for file in files.keys { try git.remove(file) }
            try await git.commit()
            #expect(await world.reconcile("wake").status == 0)
            try await eventually("it is forgotten") { await world.reconcile("forget", "staging").status == 0 }
            #expect(try await world.sql("SELECT name FROM environments") == ["other"])
            try await git.commit(files.merging(["staging/web.yaml": world.workload(version: "2")]) { $1 })
            #expect(await world.reconcile("wake").status == 0)
            try await eventually("version 2 runs, though the old one was paused") { world.version("web-1") == "2" }
            #expect(await loop.end().status == 0)
        }
    }
}
