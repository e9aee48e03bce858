import Model
import Planning
import Testing

/// What of a `traffic` block says where requests are shared out, and what leaving such a place means.
@Suite struct PlaceTests {
    private static let haproxy: Value = .map([
        "haproxy": .map(["socket": .string("/run/a.sock"), "backend": .string("web")]), "port": .int(80),
    ])

    private func desired(_ traffic: Value?, replicas: Int = 2) -> Desired {
        var workload = Fixture.workload("web", replicas: replicas)
        workload.traffic = traffic
        return Fixture.desired([workload])
    }

    private func plan(
        _ traffic: Value?, from previous: Value?, routes: RouteObservation? = nil, realPaths: [String: String] = [:]
    ) -> Plan {
        let old = desired(previous)
        let world = Fixture.running(old)
        var circumstances = Circumstances(
            desired: desired(traffic), previous: old.environment, inventory: world.inventory,
            observations: world.seen, routes: routes.map { ["web": $0] } ?? [:],
            knownGood: Set(old.deployables.values.map(\.digest)), asksHealth: { _ in false })
        circumstances.realPaths = realPaths
        return Planner.plan(circumstances).plan
    }

    private let even = RouteObservation.seen(["web-1": 5000, "web-2": 5000])

    @Test func onlyThePlaceDecidesThatABalancerIsAnother() {
        let options = Self.haproxy["haproxy"].with("server_options", .string("check")).with(
            "match_backend", .string("beta"))
        let edited = Self.haproxy.with("haproxy", options).with("port", .int(8080)).with(
            "addresses", .list([.string("127.0.0.1:1")]))
        #expect(BalancerPlace(of: edited) == BalancerPlace(of: Self.haproxy))
        #expect(plan(edited, from: Self.haproxy, routes: even).steps.isEmpty)
        let other = Self.haproxy.with("haproxy", Self.haproxy["haproxy"].with("backend", .string("other")))
        #expect(BalancerPlace(of: other) != BalancerPlace(of: Self.haproxy))
        #expect(BalancerPlace.text(of: other) == "haproxy /run/a.sock other")
        let nginx: Value = .map([
            "nginx": .map(["upstream": .string("web"), "upstream_file": .string("/etc/a.conf")])
        ])
        #expect(
            BalancerPlace(of: nginx)
                == BalancerPlace(of: .map(["nginx": nginx["nginx"].with("reload", .list([.string("true")]))])))
        let caddy: Value = .map(["caddy": .map(["id": .string("web")])])
        let usual = caddy["caddy"].with("admin", .string("http://127.0.0.1:2019"))
        #expect(BalancerPlace(of: caddy) == BalancerPlace(of: .map(["caddy": usual])))
        #expect(BalancerPlace(of: .null) == nil)
    }

    @Test func anotherNameOfTheSameSocketIsNoOtherPlace() {
        let link = Self.haproxy.with("haproxy", Self.haproxy["haproxy"].with("socket", .string("/run/link.sock")))
        #expect(!plan(link, from: Self.haproxy, routes: even).steps.isEmpty)
        let same = plan(link, from: Self.haproxy, routes: even, realPaths: ["/run/link.sock": "/run/a.sock"])
        #expect(same.steps.isEmpty && same.changes.isEmpty)
    }

    @Test func aPlaceThatIsLeftIsEmptiedThoughNothingElseIsToBeDone() throws {
        let removed = plan(nil, from: Self.haproxy)
        #expect(
            removed.steps.map(\.text) == [
                "take all of web out of traffic at haproxy /run/a.sock web, drained at most 30s"
            ])
        let change = try #require(removed.changes.first)
        #expect(change.cause == .commit && change.fields.map(\.path) == ["traffic"])
        #expect(change.fields.map(\.from) == ["haproxy /run/a.sock web"] && change.fields.map(\.to) == [nil])

        let caddy: Value = .map(["caddy": .map(["id": .string("web")])])
        let leave = "take all of web out of traffic at haproxy /run/a.sock web, drained at most 30s"
        let unserved: [RouteObservation?] = [.seen([:]), .seen(["web-1": 10_000]), nil]
        for routes in unserved {
            let moved = plan(caddy, from: Self.haproxy, routes: routes)
            #expect(moved.steps.prefix(2).map(\.text) == ["share web's traffic equally: web-1, web-2", leave])
            #expect(moved.steps.prefix(2).map(\.after) == [[], [1]])
        }
        #expect(plan(caddy, from: Self.haproxy, routes: even).steps.map(\.text) == [leave])
    }

    @Test func theWayBackLeavesTheNewPlace() {
        let caddy: Value = .map(["caddy": .map(["id": .string("web")])])
        let good = desired(Self.haproxy)
        func texts(_ plan: Plan, done: [Int], failed: Int) -> [String] {
            var rollout = Rollout(plan, purpose: .deploy)
            _ = rollout.advance(.resume)
            for id in done { _ = rollout.advance(.done(id)) }
            _ = rollout.advance(.failed(failed, Failure(.act, reason: "no")))
            return Retreat.compile(rollout, to: good, asksHealth: { _ in false }).steps.map(\.text)
        }
        let level = "share web's traffic equally: web-1, web-2"
        let leave = "take all of web out of traffic at caddy http://127.0.0.1:2019 web, drained at most 30s"
        let moved = plan(caddy, from: Self.haproxy, routes: .seen([:]))
        #expect(texts(moved, done: [], failed: 1) == [level, leave])
        #expect(texts(moved, done: [1], failed: 2).suffix(2) == [level, leave])
        #expect(texts(plan(nil, from: Self.haproxy), done: [], failed: 1) == [level])
    }
}
