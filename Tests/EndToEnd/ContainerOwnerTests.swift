import Foundation
import TestSupport
import Testing

/// Two state folders that would manage an environment of the same name on one real engine.
@Suite(.enabled(if: ContainerWorld.missing == nil, "\(ContainerWorld.missing ?? "")"), .timeLimit(.minutes(10)))
struct ContainerOwnerTests {
    @Test func theSecondOneIsRefusedAndTakesOverOnlyWhenItIsTold() async throws {
        try await ContainerWorld.with { here in
            let world = here.world
            func ids() async throws -> [String] {
                try await here.engine.docker(
                    "ps", "--quiet", "--no-trunc", "--filter", "label=reconcile.environment=\(here.name)"
                ).split(separator: "\n").map(String.init).sorted()
            }
            func other(_ arguments: String...) async -> World.Run {
                await world.run(
                    ["--repo", world.repository.path, "--state", world.root + "/other"] + arguments + ["-o", "json"])
            }
            try await here.commit("1")
            #expect(here.end(await here.pass()) == "0 applied")
            #expect(here.end(await here.pass()) == "0 in-sync", "the label is no drift")
            let made = try await ids()
            let id = try #require(try await world.sql("SELECT value FROM meta WHERE key = 'state_id'").first)

            // The other one wants something else, and even that touches nothing.
            try await here.commit("2")
            for run in [await other("--dry-run"), await other(), await other()] {
                #expect(run.status == 1, "\(run.output) \(run.errors)")
                #expect(run.output.contains("is of another reconciler, \(id):"), "\(run.output)")
                #expect(run.output.contains("`owner: \(id)` in reconcile.yaml"), "\(run.output)")
            }
            #expect(try await ids() == made)
            #expect(here.end(await here.pass()) == "0 applied", "whose they are goes on")
            let flaws = try await here.flaws("2")
            #expect(flaws.isEmpty)

            // As if the first state folder had been lost.
            let running = try await ids()
            try "owner: \(id)\n".write(toFile: world.root + "/reconcile.yaml", atomically: true, encoding: .utf8)
            let taken = await other()
            #expect(taken.status == 0, "\(taken.output) \(taken.errors)")
            #expect(try await ids() == running, "they are taken over as they run")
            #expect(here.end(await other()) == "0 in-sync")
            try await here.commit("3")
            let next = await other()
            #expect(here.end(next) == "0 applied", "\(next.output) \(next.errors)")
            #expect(try await here.versions() == ["3", "3"])
        }
    }
}
