import Foundation
import TestSupport
import Testing

/// Two state folders that would manage an environment of the same name on one real engine.
@Suite(
    .fewAtOnce, .enabled(if: ContainerWorld.missing == nil, "\(ContainerWorld.missing ?? "")"), .timeLimit(.minutes(15))
)
struct ContainerOwnerTests {
    @Test func theSecondOneIsRefusedAndTakesOverOnlyWhenItIsTold() async throws {
        try await ContainerWorld.with { here in
            let world = here.world
            func ids() async throws -> [String] {
                try await here.engine.docker(
                    "ps", "--quiet", "--no-trunc", "--filter", "label=reconcile.environment=\(here.name)"
                ).split(separator: "\n").map(String.init).sorted()
            }
            func other(_ arguments: String..., state: String = "other") async -> World.Run {
                await world.run(
                    ["--repo", world.repository.path, "--state", world.root + "/" + state] + arguments + ["-o", "json"])
            }
            func write(_ owner: String) throws {
                try "owner: \(owner)\n".write(toFile: world.root + "/reconcile.yaml", atomically: true, encoding: .utf8)
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
            try await here.expectWhole("2")

            // As if the first state folder had been lost.
            let running = try await ids()
            try write(id)
            let taken = await other()
            #expect(taken.status == 0, "\(taken.output) \(taken.errors)")
            #expect(try await ids() == running, "they are taken over as they run")
            #expect(here.end(await other()) == "0 in-sync")
            try await here.commit("3")
            let next = await other()
            #expect(here.end(next) == "0 applied", "\(next.output) \(next.errors)")
            #expect(try await here.versions() == ["3", "3"])

            // A name that came later, and then each run begins with an empty state folder.
            try write("prod")
            let late = await other(state: "third")
            #expect(late.status == 1 && late.output.contains("`owner: [prod, \(id)]` in"), "\(late.output)")
            try write("[prod, \(id)]")
            try await here.commit("1")
            let whole = await other(state: "third")
            #expect(here.end(whole) == "0 applied", "\(whole.output) \(whole.errors)")
            try write("prod")
            let again = await other(state: "fourth")
            #expect(again.status == 0, "\(again.output) \(again.errors)")
            #expect(try await here.versions() == ["1", "1"])
        }
    }
}
