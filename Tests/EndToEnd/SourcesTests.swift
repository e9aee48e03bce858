import Foundation
import Glibc
import TestSupport
import Testing

/// Several sources in one configuration, each with its own environments.
@Suite struct SourcesTests {
    /// Two repositories with an environment each, and a configuration that names both as `web` and `shop`.
    private func withTwo(_ body: (World, TestRepository) async throws -> Void) async throws {
        try await World.with { world in
            let shop = try await TestRepository.create(at: world.root + "/shop")
            try await world.repository.commit(files("web-live", world.workload("web")), message: "Web 1")
            try await shop.commit(files("shop-live", world.workload("till")), message: "Shop 1")
            try configure(world, shop: shop.path)
            try await body(world, shop)
        }
    }

    private func files(_ environment: String, _ workload: String, interval: String = "1h") -> [String: String] {
        [
            "\(environment)/environment.yaml": World.environment("interval: \(interval)"),
            "\(environment)/w.yaml": workload,
        ]
    }

    private func configure(_ world: World, shop: String, more: String = "") throws {
        let text = """
            sources:
              - {name: web, repo: "\(world.repository.path)", interval: 1h}
              - {name: shop, repo: "\(shop)", interval: 1h}
            \(more)
            """
        try Data(text.utf8).write(to: URL(filePath: world.root + "/reconcile.yaml"))
    }

    @Test func eachSourceDeploysItsOwn() async throws {
        try await withTwo { world, shop in
            let dry = await world.all("--dry-run", "-o", "json")
            #expect(try dry.outcome("web-live") == "planned")
            #expect(try dry.outcome("shop-live") == "planned")
            let first = await world.all("-o", "json")
            #expect(first.status == 0, "\(first)")
            #expect(try first.outcome("web-live") == "applied")
            #expect(try first.outcome("shop-live") == "applied")
            let sources = try first.json()["sources"] as? [[String: Any]] ?? []
            #expect(sources.compactMap { $0["name"] as? String } == ["web", "shop"])
            let head = try await shop.head()
            #expect(sources.last?["commit"] as? String == head)
            #expect(world.version("till-1", in: "shop-live") == "1")
            #expect(FileManager.default.fileExists(atPath: world.state + "/sources/shop/mirror"))

            try await shop.commit(files("shop-live", world.workload("till", version: "2")))
            let second = await world.all("-o", "json")
            #expect(try second.outcome("web-live") == "in-sync")
            #expect(try second.outcome("shop-live") == "applied")
            #expect(world.version("till-1", in: "shop-live") == "2")
            #expect(await world.all("-e", "shop-live").output.hasPrefix("in-sync"))
            let status = await world.all("status").output.split(separator: "\n").map {
                $0.split(separator: " ").prefix(3)
            }
            #expect(
                status.prefix(3) == [
                    ["ENVIRONMENT", "SOURCE", "OUTCOME"], ["shop-live", "shop", "in-sync"],
                    ["web-live", "web", "in-sync"],
                ])
            let unknown = await world.all("-e", "shop-lve")
            #expect(unknown.status == 1 && unknown.output.contains("did you mean shop-live?"), "\(unknown)")
            let back = await world.all("rollback", "shop-live")
            #expect(back.status == 0, "\(back)")
            #expect(world.version("till-1", in: "shop-live") == "1")
        }
    }

    @Test func aSourceThatCannotBeReadHoldsUpNoOther() async throws {
        try await withTwo { world, _ in
            #expect(await world.all().status == 0)
            try await HostileServer.run(.silent) { silent in
                try configure(world, shop: "http://127.0.0.1:\(silent.port)/shop.git", more: "git_timeout: 1h")
                try await world.repository.commit(files("web-live", world.workload("web", version: "2")))
                let loop = try await Background.start(world)
                // The other one still waits for its deadline, an hour away, and does not hold up the end either.
                let applied = "SELECT count(*) FROM reconciles WHERE environment = 'web-live' AND outcome = 'applied'"
                try await eventually("version 2 runs") { try await world.sql(applied) == ["2"] }
                #expect(!loop.said.contains("fetch-failed"))
                let ended = await loop.end()
                #expect(ended.status == 0, "\(ended)")
            }
            try await TestServer.withRefusingPort { port in
                try configure(world, shop: "http://127.0.0.1:\(port)/shop.git")
                let pass = await world.all("-o", "json")
                #expect(pass.status == 1, "\(pass)")
                #expect(try pass.outcome("web-live") == "in-sync")
                let error = (try pass.json()["source"] as? [String: Any])?["error"] as? String
                #expect(error?.hasPrefix("shop: ") == true, "\(error ?? "none")")
            }
        }
    }

    @Test func twoSourcesNeverWorkOnOneEnvironment() async throws {
        try await withTwo { world, shop in
            #expect(await world.all().status == 0)
            try await shop.commit(files("web-live", world.workload("web", version: "9")))
            for arguments in [["--dry-run", "-o", "json"], ["-o", "json"]] {
                let pass = await world.all(arguments)
                #expect(pass.status == 1, "\(pass)")
                #expect(try pass.outcome("web-live") == "in-sync")
                #expect(try pass.outcome("shop-live") == "in-sync")
                let error = (try pass.json()["source"] as? [String: Any])?["error"] as? String
                #expect(error?.contains("its environment web-live belongs to the source web") == true)
            }
            #expect(world.version("web-1", in: "web-live") == "1")
            // The folder moves: its past goes along.
            try world.repository.remove("web-live")
            try await world.repository.commit()
            let moved = await world.all("-o", "json")
            #expect(moved.status == 0, "\(moved)")
            #expect(try moved.outcome("web-live") == "applied")
            #expect(world.version("web-1", in: "web-live") == "9")
            let owner = "SELECT json_extract(body, '$.source') FROM environments WHERE name = 'web-live'"
            #expect(try await world.sql(owner) == ["shop"])
        }
    }

    @Test func anEnvironmentMovesBetweenTheSourcesOfALoop() async throws {
        try await withTwo { world, shop in
            let loop = try await Background.start(world)
            try await eventually("both run") {
                world.version("web-1", in: "web-live") == "1" && world.version("till-1", in: "shop-live") == "1"
            }
            try world.repository.remove("web-live")
            try await world.repository.commit()
            try await shop.commit(files("web-live", world.workload("web", version: "2")))
            try await eventually("the other source has it") {
                let woken = await world.all("wake")
                #expect(woken.status == 0)
                return world.version("web-1", in: "web-live") == "2"
            }
            let ended = await loop.end()
            #expect(ended.status == 0, "\(ended)")
        }
    }

    @Test func oneSourceBecomesTwoWithoutForgettingAnything() async throws {
        try await withTwo { (world: World, _) async throws in
            #expect(await world.reconcile().status == 0)
            #expect(try await world.sql("SELECT count(*) FROM environments") == ["1"])
            let pass = await world.all("-o", "json")
            #expect(try pass.outcome("web-live") == "in-sync", "\(pass)")
            #expect(try pass.outcome("shop-live") == "applied", "\(pass)")
            #expect(world.acts == ["apply web-1 1", "apply till-1 1"])
            // A source that is not configured any more leaves what it has as it is.
            let only = await world.pass()
            #expect(try only.outcome("shop-live") == "held", "\(only)")
            #expect(only.status == 3, "\(only)")
            #expect(await world.reconcile("forget", "shop-live").status == 0)
        }
    }
}

extension World {
    /// Runs `reconcile` with what `reconcile.yaml` says.
    @discardableResult
    fileprivate func all(_ arguments: String...) async -> Run { await all(arguments) }

    @discardableResult
    fileprivate func all(_ arguments: [String]) async -> Run {
        await run(["--state", state] + arguments)
    }
}
