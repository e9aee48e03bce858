import Checks
import Model
import Processes
import TestSupport
import Testing

@testable import Traffic

@Suite(.fewAtOnce, .enabled(if: CaddyServer.isInstalled, "caddy is not installed"), .timeLimit(.minutes(15)))
struct CaddyTests {
    private func traffic(_ server: CaddyServer, _ more: [String: Value] = [:]) -> Value {
        .map(["caddy": .map(["admin": .string(server.socket), "id": .string("web")].merging(more) { $1 })])
    }

    private func withServer(
        policy: String = "round_robin",
        _ body: @Sendable (CaddyServer, [NamedServer], [String: String], Router) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let json = try Bench.example("json").replacing("round_robin", with: policy)
            try await CaddyServer.serve(in: folder, json) { proxy in
                let servers = try Bench.servers(4)
                try await body(proxy, servers, Bench.addresses(servers), Bench.router())
            }
        }
    }

    @Test func theShareOfTenThousandRequestsIsTheWeight() async throws {
        try await withServer { proxy, servers, addresses, router in
            let routing = Bench.whole(old: 1...3, 90, new: 4...4, 10, traffic: traffic(proxy))
            let report = await router.shift(routing, of: "web", addresses: addresses)
            #expect(report.failure == nil && report.observation.sides.map(\.seen) == [9000, 1000])
            let tally = await Load(port: proxy.port).run(10_000)
            #expect(tally.failures == [])
            #expect(abs(Bench.share(["web-4"], tally) - 0.1) < 0.01, "\(tally.answers)")
        }
    }

    @Test func noRequestFailsWhileServersComeAndGo() async throws {
        try await withServer { proxy, servers, addresses, router in
            let traffic = traffic(proxy)
            #expect(
                await router.shift(
                    Bench.whole(old: 1...2, 100, new: nil, 0, traffic: traffic), of: "web", addresses: addresses
                ).failure == nil)
            let steps = [
                Bench.whole(old: 1...2, 90, new: 3...4, 10, traffic: traffic),
                Bench.whole(old: nil, 0, new: 3...4, 100, traffic: traffic), Bench.patch(1...1, 100, traffic: traffic),
                Bench.patch(3...4, 0, traffic: traffic),
            ]
            let (_, tally) = try await Load(port: proxy.port, isKept: false).run {
                for step in steps {
                    let report = await router.shift(step, of: "web", addresses: addresses)
                    #expect(report.failure == nil && report.observation.isAsWanted, "\(report)")
                }
            }
            // Each change makes Caddy change servers, and that may reset a connection that is just opening.
            #expect(
                tally.failures.allSatisfy {
                    $0.hasPrefix("no answer: ") || $0 == "no connection: Connection reset by peer"
                }, "\(tally.failures)")
            #expect(tally.failures.count < tally.total / 20)
            #expect(await Load(port: proxy.port).run(20).answers == ["web-1": 20])
        }
    }

    @Test func whoLeavesFinishesWhatItBegan() async throws {
        try await withServer { proxy, servers, addresses, router in
            let traffic = traffic(proxy)
            #expect(
                await router.shift(
                    Bench.whole(old: 1...1, 100, new: nil, 0, traffic: traffic), of: "web", addresses: addresses
                ).failure == nil)
            async let slow = Load(port: proxy.port, path: "/slow").run(1, connections: 1)
            try await eventually("the slow request is there") { servers[0].slow == 1 }
            async let report = router.shift(
                Bench.whole(old: nil, 0, new: 2...2, 100, traffic: traffic, drain: .seconds(60)), of: "web",
                addresses: addresses)
            while await Load(port: proxy.port).run(5).answers != ["web-2": 5] {}
            let seen = await router.observe(
                Bench.patch(2...2, 100, traffic: traffic), of: "web", addresses: addresses)
            let old = seen.instances.first { $0.name == "web-1" }
            #expect(old?.state == .draining && old?.sessions == 1, "\(seen)")
            servers[0].release()
            let done = await report
            #expect(done.failure == nil && done.remarks == [])
            #expect(await slow.answers == ["web-1": 1])
            #expect(done.observation.instances.map(\.name) == ["web-2"])
        }
    }

    @Test func requestsWithAHeaderOrACookieGoToTheNewSide() async throws {
        try await withServer { proxy, servers, addresses, router in
            let traffic = traffic(proxy, ["match_route": .string("web-beta")])
            var routing = Bench.whole(old: 1...2, 100, new: 3...3, 0, traffic: traffic)
            for (match, header) in [(Bench.header, "x-group: beta.1"), (Bench.cookie, "cookie: a=1; group=beta.1")] {
                routing.match = match
                let report = await router.shift(routing, of: "web", addresses: addresses)
                #expect(report.failure == nil)
                #expect(await Load(port: proxy.port, headers: [header]).run(10).answers == ["web-3": 10])
                let others = await Load(port: proxy.port, headers: [header.replacing("beta.1", with: "betaX1")]).run(10)
                #expect(others.answers == ["web-1": 5, "web-2": 5])
            }
            let end = Bench.whole(old: 1...2, 100, new: nil, 0, traffic: traffic)
            #expect(await router.shift(end, of: "web", addresses: addresses).failure == nil)
            let after = await Load(port: proxy.port, headers: ["cookie: group=beta.1"]).run(10)
            #expect(after.answers == ["web-1": 5, "web-2": 5])
        }
    }

    @Test func aPolicyWithoutWeightsIsRefused() async throws {
        try await withServer(policy: "least_conn") { proxy, servers, addresses, router in
            let even = Bench.whole(old: 1...2, 100, new: nil, 0, traffic: traffic(proxy))
            #expect(await router.shift(even, of: "web", addresses: addresses).failure == nil)
            let uneven = Bench.whole(old: 1...2, 90, new: 3...3, 10, traffic: traffic(proxy))
            let report = await router.shift(uneven, of: "web", addresses: addresses)
            #expect(report.failure?.contains("`least_conn`, which knows no weights") == true)
            let missing = Bench.whole(old: 1...1, 100, new: nil, 0, traffic: traffic(proxy, ["id": .string("nope")]))
            let report2 = await router.shift(missing, of: "web", addresses: addresses)
            #expect(report2.failure?.contains("nothing with the `@id` nope") == true, "\(report2.failure ?? "")")
        }
    }

    @Test func whoHasACookieStays() async throws {
        try await withServer(policy: "cookie") { proxy, servers, addresses, router in
            let routing = Bench.whole(old: 1...2, 50, new: 3...3, 50, traffic: traffic(proxy))
            #expect(await router.shift(routing, of: "web", addresses: addresses).failure == nil)
            let first = await Load(port: proxy.port).run(1)
            let cookie = try #require(first.headers.firstMatch(of: #/lb=[^;]+/#)).output
            let kept = await Load(port: proxy.port, headers: ["cookie: \(cookie)"]).run(30)
            #expect(kept.answers == [first.answers.keys.first ?? "": 30])
        }
    }

    /// Somebody else who changes the same list at the same time loses nothing, and neither do we.
    @Test func aChangeOfSomebodyElsesAtTheSameTimeIsNotLost() async throws {
        try await withServer { proxy, servers, addresses, router in
            let admin = CaddyAdmin(place: .unix(proxy.socket), network: Network(), timeout: .seconds(5))
            let first = Bench.whole(old: 1...1, 100, new: nil, 0, traffic: traffic(proxy))
            #expect(await router.shift(first, of: "web", addresses: addresses).failure == nil)
            let stale = try await get("/id/web", admin)
            #expect(stale.tag != nil)
            let foreign: Value = .map(["dial": .string("127.0.0.1:9")])
            try await add([foreign], admin)
            var refusal = ""
            while !refusal.contains("somebody else changed") {
                do throws(TrafficError) {
                    try await admin.put(
                        "/id/web/upstreams", stale.value["upstreams"], isThere: true, after: stale)
                    throw TrafficError("the change of somebody else is lost")
                } catch {
                    try #require(error.isPassing, "\(error)")
                    refusal = error.description
                }
                try await Task.sleep(for: .milliseconds(20))
            }
            // All the while others come and go; each of them is there at the end.
            async let others: Void = add((1...20).map { .map(["dial": .string("127.0.0.1:\($0)")]) }, admin)
            for weight in [80, 60, 40, 20] {
                let step = Bench.whole(old: 1...1, weight, new: 2...2, 100 - weight, traffic: traffic(proxy))
                let report = await router.shift(step, of: "web", addresses: addresses)
                #expect(report.failure == nil)
            }
            try await others
            let upstreams = try await get("/id/web/upstreams", admin).value.list
            let dials = upstreams.filter { $0["@id"] == .null }.compactMap { $0["dial"].string }
            #expect(Set(dials).count == 20, "\(dials)")
        }
    }

    /// While Caddy changes its configuration its socket may be away for a moment.
    private func get(_ path: String, _ admin: CaddyAdmin) async throws -> CaddyAdmin.Part {
        while true {
            do throws(TrafficError) { return try await admin.get(path) } catch {
                guard error.isPassing else { throw error }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Adds upstreams as somebody else would.
    private func add(_ upstreams: [Value], _ admin: CaddyAdmin) async throws {
        for upstream in upstreams {
            while true {
                do throws(TrafficError) {
                    try await admin.append("/id/web/upstreams", upstream)
                    break
                } catch {
                    guard error.isPassing else { throw error }
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
