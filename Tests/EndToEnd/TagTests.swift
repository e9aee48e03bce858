import Foundation
import TestSupport
import Testing

/// A source that follows tags, from `reconcile.yaml` to the record.
@Suite struct TagTests {
    private func release(_ world: World, _ version: String, tag: String) async throws {
        try await world.repository.commit(
            [
                "staging/environment.yaml": World.environment("interval: 1h"),
                "staging/web.yaml": world.workload(version: version),
            ], message: "Version \(version)")
        try await world.repository.git("tag", "--force", tag)
    }

    @Test func theNewestReleaseIsDeployedAndAMovedTagIsNamed() async throws {
        try await World.with { world in
            try Data("tag: v*\nsemver: ^1.2\n".utf8).write(to: URL(filePath: world.root + "/reconcile.yaml"))
            #expect(await world.pass().status == 1)
            try await release(world, "1", tag: "v1.2.0")
            #expect(try await world.pass().outcome("staging") == "applied")
            try await release(world, "2", tag: "v2.0.0")
            #expect(try await world.pass().outcome("staging") == "in-sync")
            #expect(world.version("web-1") == "1")
            try await release(world, "3", tag: "v1.10.0")
            #expect(await world.pass().status == 0)
            #expect(world.version("web-1") == "3")
            let status = try await world.reconcile("status", "-o", "json").json()
            let staging = (status["environments"] as? [[String: Any]])?.first
            #expect(staging?["tag"] as? String == "v1.10.0")
            #expect(await world.reconcile("status").output.contains("v1.10.0"))

            try await release(world, "4", tag: "v1.10.0")
            let moved = await world.pass()
            #expect(moved.errors.contains("tag v1.10.0 of \(world.repository.path) moved from "), "\(moved.errors)")
            #expect(world.version("web-1") == "4")
            let history = await world.reconcile("history").output
            #expect(history.contains("Tag:     v1.10.0") && history.contains("Tag:     v1.2.0"), "\(history)")
            #expect(try await world.sql("SELECT tag FROM reconciles ORDER BY id DESC LIMIT 1") == ["v1.10.0"])
            let shown = await world.reconcile("show", "3").output
            #expect(shown.contains("moved from"), "\(shown)")

            try await world.repository.git("tag", "-d", "v1.10.0")
            let gone = await world.pass()
            #expect(gone.status == 1)
            #expect(try gone.outcome("staging") == "in-sync")
            #expect(gone.output.contains("v1.10.0") && gone.output.contains("is gone"), "\(gone.output)")
            // A branch that is asked for goes before the tags of the file.
            #expect(try await world.pass("--branch", "main").outcome("staging") == "in-sync")
        }
    }
}
