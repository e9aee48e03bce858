import Glibc
import Model
import Processes
import TestSupport
import Testing

@testable import Traffic

@Suite(.fewAtOnce, .enabled(if: NginxServer.isInstalled, "nginx is not installed"))
struct NginxTests {
    private func traffic(_ server: NginxServer, _ more: [String: Value] = [:]) -> Value {
        let own: [String: Value] = [
            "upstream": .string("web"), "upstream_file": .string(server.configuration),
            "config": .string(server.configuration), "pid": .string(server.pidFile),
        ]
        return .map(["nginx": .map(own.merging(more) { $1 })])
    }

    private func withServer(
        _ body: @Sendable (NginxServer, [NamedServer], [String: String], Router) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            chmod(folder, 0o755)
            try await NginxServer.serve(in: folder, try Bench.example("nginx")) { proxy in
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
            #expect(tally.failures.count == 0, "\(tally.failures.first ?? "") \(proxy.complaints)")
            #expect(abs(Bench.share(["web-4"], tally) - 0.1) < 0.01, "\(tally.answers)")
            // Requests with the same cookie have the same server.
            let kept = await Load(port: proxy.port, headers: ["cookie: session=17"]).run(50)
            #expect(kept.answers.count == 1, "\(kept.answers)")
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
                Bench.whole(old: 1...2, 50, new: 3...3, 50, traffic: traffic),
                Bench.whole(old: nil, 0, new: 3...3, 100, traffic: traffic), Bench.patch(1...1, 100, traffic: traffic),
                Bench.patch(3...3, 0, traffic: traffic),
            ]
            let (_, tally) = try await Load(port: proxy.port, isKept: false).run {
                for step in steps {
                    let report = await router.shift(step, of: "web", addresses: addresses)
                    #expect(report.failure == nil && report.observation.isAsWanted, "\(report)")
                }
            }
            #expect(tally.failures.count == 0, "\(tally.failures.first ?? "") \(proxy.complaints)")
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
            // Longer than it is allowed: that is said.
            let early = await router.shift(
                Bench.whole(old: nil, 0, new: 2...2, 100, traffic: traffic, drain: TimeSpan(milliseconds: 300)),
                of: "web", addresses: addresses)
            #expect(early.failure == nil && early.remarks.count == 1, "\(early.remarks)")
            #expect(await Load(port: proxy.port).run(10).answers == ["web-2": 10])
            servers[0].release()
            #expect(await slow.answers == ["web-1": 1])
        }
    }

    @Test func requestsWithAHeaderOrACookieGoToTheNewSide() async throws {
        try await withServer { proxy, servers, addresses, router in
            let traffic = traffic(proxy, ["match_upstream": .string("web-beta")])
            var routing = Bench.whole(old: 1...2, 100, new: 3...3, 0, traffic: traffic)
            for (match, header) in [(Bench.header, "x-group: beta.1"), (Bench.cookie, "cookie: a=1; group=beta.1")] {
                routing.match = match
                #expect(await router.shift(routing, of: "web", addresses: addresses).failure == nil)
                #expect(await Load(port: proxy.port, headers: [header]).run(10).answers == ["web-3": 10])
                let others = await Load(port: proxy.port, headers: [header.replacing("beta.1", with: "betaX1")]).run(10)
                #expect(others.answers == ["web-1": 5, "web-2": 5])
            }
            let end = Bench.whole(old: 1...2, 100, new: nil, 0, traffic: traffic)
            #expect(await router.shift(end, of: "web", addresses: addresses).failure == nil)
            #expect(
                await Load(port: proxy.port, headers: ["cookie: group=beta.1"]).run(10).answers.keys.sorted() == [
                    "web-1", "web-2",
                ])
        }
    }

    @Test func whatDoesNotPassTheTestIsTakenBack() async throws {
        try await withServer { proxy, servers, addresses, router in
            let good = Bench.whole(old: 1...1, 100, new: nil, 0, traffic: traffic(proxy))
            #expect(await router.shift(good, of: "web", addresses: addresses).failure == nil)
            let before = try TestFile.read(proxy.configuration)
            let bad = Bench.whole(
                old: 1...2, 100, new: nil, 0, traffic: traffic(proxy, ["server_options": .string("nonsense=1")]))
            let report = await router.shift(bad, of: "web", addresses: addresses)
            #expect(report.failure?.contains("does not pass nginx's test") == true, "\(report.failure ?? "")")
            #expect(report.failure?.contains("nonsense") == true)
            #expect(try TestFile.read(proxy.configuration) == before)
            // What runs is still what is written.
            #expect(await router.observe(good, of: "web", addresses: addresses).isAsWanted)
        }
    }

    /// Written and not loaded is not seen as done.
    @Test func aFileThatIsNotLoadedIsUnknown() async throws {
        try await withServer { proxy, servers, addresses, router in
            let routing = Bench.whole(old: 1...1, 100, new: nil, 0, traffic: traffic(proxy))
            #expect(await router.shift(routing, of: "web", addresses: addresses).failure == nil)
            try await Task.sleep(for: .milliseconds(100))
            try TestFile.write(proxy.configuration, try TestFile.read(proxy.configuration))
            let seen = await router.observe(routing, of: "web", addresses: addresses)
            #expect(seen.unknown?.contains("has not loaded") == true && !seen.isAsWanted)
            #expect(await router.shift(routing, of: "web", addresses: addresses).failure == nil)
            #expect(await router.observe(routing, of: "web", addresses: addresses).isAsWanted)
        }
    }

    /// nginx tests and loads all its files at once: who changes one waits for who changes another.
    @Test func twoFilesOfOneNginxAreChangedInTurns() async throws {
        try await TemporaryFolder.with { folder in
            chmod(folder, 0o755)
            for name in ["web", "shop"] {
                try TestFile.write(
                    folder + "/\(name).conf",
                    "upstream \(name) {\n# BEGIN reconcile \(name)\nserver 127.0.0.1:9 down;\n# END reconcile \(name)\n}\n"
                )
            }
            let text = """
                include \(folder)/web.conf; include \(folder)/shop.conf;
                server {
                    listen 127.0.0.1:PORT;
                    location / { proxy_pass http://web; }
                    location /shop { proxy_pass http://shop; }
                }
                """
            try await NginxServer.serve(in: folder, text) { proxy in
                let (servers, router) = (try Bench.servers(2), Bench.router())
                func routing(_ name: String, _ options: String) -> Routing {
                    let file: Value = .string(folder + "/\(name).conf")
                    let more: [String: Value] = [
                        "upstream": .string(name), "upstream_file": file, "server_options": .string(options),
                    ]
                    let member = Routing.Member(instance: name + "-1", index: 1, deployable: Digest(of: .int(1)))
                    return Routing(
                        traffic: traffic(proxy, more), sides: [Routing.Side(.new, [member], weight: 100)], isWhole: true
                    )
                }
                // Mistakes of one are never laid at the other's door, whatever falls together.
                for _ in 1...5 {
                    async let bad = router.shift(
                        routing("shop", "nonsense=1"), of: "shop", addresses: ["shop-1": servers[1].address])
                    async let good = router.shift(
                        routing("web", ""), of: "web", addresses: ["web-1": servers[0].address])
                    #expect(await good.failure == nil)
                    #expect(await bad.failure?.contains("nonsense") == true)
                    let back = await router.shift(
                        routing("web", "max_fails=2"), of: "web", addresses: ["web-1": servers[1].address])
                    #expect(back.failure == nil)
                }
            }
        }
    }
}
