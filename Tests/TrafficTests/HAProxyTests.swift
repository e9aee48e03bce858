import Glibc
import Model
import Processes
import TestSupport
import Testing

@testable import Traffic

@Suite(.fewAtOnce, .enabled(if: HAProxyServer.isInstalled, "haproxy is not installed"))
struct HAProxyTests {
    private func traffic(_ server: HAProxyServer, _ more: [String: Value] = [:]) -> Value {
        .map([
            "haproxy": .map(
                ["socket": .string(server.socket), "backend": .string("web")].merging(more) { $1 })
        ])
    }

    /// Runs a test on an HAProxy whose configuration holds our servers.
    private func withServer(
        example: Int = 0, count: Int = 4,
        _ body: @Sendable (HAProxyServer, [NamedServer], [String: String], Router) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            try TestFile.write(folder + "/web.state", "")
            try await HAProxyServer.serve(in: folder, try Bench.example("haproxy", example)) { proxy in
                let servers = try Bench.servers(count)
                try await body(proxy, servers, Bench.addresses(servers), Bench.router())
            }
        }
    }

    @Test func theShareOfTenThousandRequestsIsTheWeight() async throws {
        try await withServer { proxy, servers, addresses, router in
            let routing = Bench.whole(old: 1...3, 90, new: 4...4, 10, traffic: traffic(proxy))
            let report = await router.shift(routing, of: "web", addresses: addresses)
            #expect(report.failure == nil && report.remarks == [])
            #expect(report.observation.isAsWanted)
            #expect(report.observation.sides.map(\.seen) == [9000, 1000])
            let tally = await Load(port: proxy.port).run(10_000)
            #expect(tally.failures == [])
            #expect(abs(Bench.share(["web-4"], tally) - 0.1) < 0.01, "\(tally.answers)")
        }
    }

    /// An instance on a host is a server whose name HAProxy takes, and is told of by its own name.
    @Test func instancesOnHostsAreServersToo() async throws {
        try await withServer { proxy, servers, addresses, router in
            func routing(_ names: [String], weight: Int = 100, isWhole: Bool = true) -> Routing {
                let members = names.enumerated().map {
                    Routing.Member(instance: $1, index: $0, deployable: Digest(ofText: ""))
                }
                return Routing(
                    traffic: traffic(proxy), sides: [Routing.Side(.old, members, weight: weight)], isWhole: isWhole,
                    drain: .zero)
            }
            let hosts = Dictionary(
                zip(["web@alpha", "web@beta"], ["web-1", "web-2"].compactMap { addresses[$0] }),
                uniquingKeysWith: { first, _ in first })
            let both = await router.shift(routing(["web@alpha", "web@beta"]), of: "web", addresses: hosts)
            #expect(both.failure == nil && both.observation.isAsWanted, "\(both)")
            #expect(both.observation.instances.map(\.name) == ["web@beta", "web@alpha"])
            let one = await router.shift(
                routing(["web@alpha"], weight: 0, isWhole: false), of: "web", addresses: hosts)
            #expect(one.failure == nil, "\(one)")
            let tally = await Load(port: proxy.port).run(100)
            #expect(tally.failures == [] && Bench.share(["web-2"], tally) == 1, "\(tally.answers)")
            let seen = await router.observe(routing([], isWhole: false), of: "web", addresses: [:])
            #expect(seen.instances.filter { $0.seen ?? 0 > 0 }.map(\.name) == ["web@beta"], "\(seen)")
        }
    }

    /// A canary to its end and back, with requests all the time.
    @Test func noRequestFailsWhileServersComeAndGo() async throws {
        try await withServer { proxy, servers, addresses, router in
            let traffic = traffic(proxy, ["server_options": .string("check inter 500ms")])
            let first = await router.shift(
                Bench.whole(old: 1...2, 100, new: nil, 0, traffic: traffic), of: "web", addresses: addresses)
            #expect(first.failure == nil)
            let steps = [
                Bench.whole(old: 1...2, 90, new: 3...4, 10, traffic: traffic),
                Bench.whole(old: 1...2, 50, new: 3...4, 50, traffic: traffic),
                Bench.whole(old: nil, 0, new: 3...4, 100, traffic: traffic),
                Bench.patch(1...1, 100, traffic: traffic), Bench.patch(3...3, 0, traffic: traffic),
                Bench.whole(old: 1...2, 100, new: 3...4, 0, traffic: traffic),
                Bench.whole(old: 1...2, 100, new: nil, 0, traffic: traffic),
            ]
            let (_, tally) = try await Load(port: proxy.port).run {
                for step in steps {
                    let report = await router.shift(step, of: "web", addresses: addresses)
                    #expect(report.failure == nil, "\(step.sides)")
                    #expect(report.observation.isAsWanted, "\(report.observation.differences)")
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            #expect(tally.failures == [])
            #expect(Set(tally.answers.keys) == ["web-1", "web-2", "web-3", "web-4"])
            let last = await Load(port: proxy.port).run(100)
            #expect(Set(last.answers.keys) == ["web-1", "web-2"])
            #expect(try await !proxy.say("show servers state web").contains("web-3"))
        }
    }

    /// HAProxy 2.6.12 can crash when a server is deleted that a request is still trying to reach.
    @Test func aServerThatARequestStillTriesToReachStays() async throws {
        try await TemporaryFolder.with { folder in
            let sections = """
                frontend all
                    bind 127.0.0.1:PORT
                    default_backend web
                backend web
                    retries 8
                """
            try await HAProxyServer.serve(in: folder, sections) { proxy in
                let (servers, router, traffic) = (try Bench.servers(4), Bench.router(), traffic(proxy))
                let addresses = Bench.addresses(servers)
                let dead = addresses.merging(["web-4": "127.0.0.1:\(try TestServer.freePort())"]) { $1 }
                let all = Bench.whole(old: 1...3, 75, new: 4...4, 25, traffic: traffic)
                #expect(await router.shift(all, of: "web", addresses: dead).failure == nil)
                _ = try await Load(port: proxy.port).run {
                    for _ in 1...400 where try await !proxy.say("show sess").contains("srv=web-4 ") {
                        try await Task.sleep(for: .milliseconds(25))
                    }
                    let rest = Bench.whole(old: 1...3, 100, new: nil, 0, traffic: traffic)
                    let report = await router.shift(rest, of: "web", addresses: dead)
                    #expect(report.failure == nil && report.observation.isAsWanted)
                    #expect(try await proxy.say("show servers state web").contains("web-4"))
                    let back = await router.shift(all, of: "web", addresses: addresses)
                    #expect(back.failure == nil && back.observation.isAsWanted)
                }
                #expect(await Load(port: proxy.port).run(100).answers.keys.contains("web-4"))
            }
        }
    }

    @Test func aReloadInMidCanaryKeepsTheWeights() async throws {
        try await withServer { proxy, servers, addresses, router in
            let traffic = traffic(proxy, ["servers_file": .string(proxy.configuration)])
            try await TestTool.run(
                "sed", ["-i", "s/^backend web-beta/    server foreign 127.0.0.1:9 weight 0\\n&/", proxy.configuration],
                in: "/")
            let routing = Bench.whole(old: 1...3, 90, new: 4...4, 10, traffic: traffic)
            #expect(await router.shift(routing, of: "web", addresses: addresses).failure == nil)
            let (_, during) = try await Load(port: proxy.port, isKept: false).run { try await proxy.reload() }
            #expect(during.failures == [])
            let seen = await router.observe(routing, of: "web", addresses: addresses)
            #expect(seen.isAsWanted && seen.foreign == ["foreign"], "\(seen)")
            let tally = await Load(port: proxy.port).run(1000)
            #expect(abs(Bench.share(["web-4"], tally) - 0.1) < 0.01, "\(tally.answers)")
            // What came from the file goes like any other.
            let end = Bench.whole(old: nil, 0, new: 4...4, 100, traffic: traffic)
            #expect(await router.shift(end, of: "web", addresses: addresses).failure == nil)
            try await proxy.reload()
            #expect(await router.observe(end, of: "web", addresses: addresses).isAsWanted)
            #expect(try TestFile.read(proxy.configuration).contains("server foreign 127.0.0.1:9 weight 0"))
        }
    }

    /// Without a file the servers are lost: the next look says so, and the next try brings them back.
    @Test func whatAReloadLostIsSeenAndComesBack() async throws {
        try await withServer { proxy, servers, addresses, router in
            let routing = Bench.whole(old: 1...1, 75, new: 2...2, 25, traffic: traffic(proxy))
            #expect(await router.shift(routing, of: "web", addresses: addresses).failure == nil)
            try await proxy.reload()
            let lost = await router.observe(routing, of: "web", addresses: addresses)
            #expect(lost.unknown == nil && !lost.isAsWanted && lost.instances.allSatisfy { $0.seen == nil })
            #expect(await router.shift(routing, of: "web", addresses: addresses).failure == nil)
            #expect(await router.observe(routing, of: "web", addresses: addresses).isAsWanted)
        }
    }

    @Test func slotsAreFilledAndEmptiedAndOutliveAReload() async throws {
        try await withServer(example: 1) { proxy, servers, addresses, router in
            let state = proxy.configuration.replacing("haproxy.cfg", with: "web.state")
            let traffic = traffic(proxy, ["state_file": .string(state)])
            let routing = Bench.whole(old: 1...2, 80, new: 3...3, 20, traffic: traffic)
            #expect(await router.shift(routing, of: "web", addresses: addresses).failure == nil)
            let first = await Load(port: proxy.port).run(100)
            #expect(first.failures == [] && Bench.share(["web-3"], first) == 0.2, "\(first.answers)")
            try await proxy.reload()
            #expect(await router.observe(routing, of: "web", addresses: addresses).isAsWanted)
            // Who has a cookie stays where it is.
            let cookie = try #require(first.headers.firstMatch(of: #/SERVER=[^;]+/#)).output
            let kept = await Load(port: proxy.port, headers: ["cookie: \(cookie)"]).run(50)
            #expect(kept.answers.count == 1 && kept.total == 50, "\(kept.answers)")
            let end = Bench.whole(old: nil, 0, new: 3...3, 100, traffic: traffic, drain: .seconds(2))
            #expect(await router.shift(end, of: "web", addresses: addresses).failure == nil)
            let all = await Load(port: proxy.port).run(50)
            #expect(all.answers == ["web-3": 50])
            // Its instance comes back elsewhere.
            let other = try NamedServer("elsewhere")
            var moved = addresses
            moved["web-1"] = other.address
            let back = Bench.whole(old: 1...1, 100, new: nil, 0, traffic: traffic)
            #expect(await router.shift(back, of: "web", addresses: moved).failure == nil)
            #expect(await Load(port: proxy.port).run(20).answers == ["elsewhere": 20])
            #expect(try await proxy.say("show servers state web").split(separator: "\n").count == 5)
        }
    }

    @Test func aServerThatIsNotOursStays() async throws {
        try await withServer { proxy, servers, addresses, router in
            let foreign = try NamedServer("foreign")
            // Nor is one ours that merely looks a little like it.
            _ = try await proxy.say("add server web/web.backup \(foreign.address) weight 0")
            _ = try await proxy.say("set server web/web.backup state ready")
            _ = try await proxy.say("add server web/other \(foreign.address) weight 1")
            _ = try await proxy.say("set server web/other state ready")
            let traffic = traffic(proxy)
            for routing in [
                Bench.whole(old: 1...1, 100, new: nil, 0, traffic: traffic),
                Bench.whole(old: nil, 0, new: nil, 0, traffic: traffic),
            ] {
                let report = await router.shift(routing, of: "web", addresses: addresses)
                #expect(report.failure == nil && report.observation.foreign.sorted() == ["other", "web.backup"])
                #expect(report.remarks.count == 1 && report.remarks[0].contains("other"))
            }
            #expect(await Load(port: proxy.port).run(20).answers == ["foreign": 20])
        }
    }

    @Test func twoWorkloadsMayShareABackend() async throws {
        try await withServer { proxy, servers, addresses, router in
            let traffic = traffic(proxy, ["servers_file": .string(proxy.configuration)])
            let web = Bench.whole(old: 1...2, 100, new: nil, 0, traffic: traffic)
            #expect(await router.shift(web, of: "web", addresses: addresses).failure == nil)
            let member = Routing.Member(instance: "api-1", index: 1, deployable: Digest(of: .int(1)))
            let api = Routing(traffic: traffic, sides: [Routing.Side(.new, [member], weight: 100)], isWhole: true)
            let report = await router.shift(api, of: "api", addresses: ["api-1": servers[2].address])
            #expect(report.failure == nil && report.observation.foreign == ["web-1", "web-2"])
            try await proxy.reload()
            #expect(await router.observe(web, of: "web", addresses: addresses).isAsWanted)
            #expect(await router.observe(api, of: "api", addresses: ["api-1": servers[2].address]).isAsWanted)
            #expect(
                await Load(port: proxy.port).run(30, connections: 1).answers.keys.sorted() == [
                    "web-1", "web-2", "web-3",
                ])
        }
    }

    @Test func whoLeavesFinishesWhatItBegan() async throws {
        try await withServer { proxy, servers, addresses, router in
            let traffic = traffic(proxy)
            #expect(
                await router.shift(
                    Bench.whole(old: 1...1, 100, new: nil, 0, traffic: traffic), of: "web", addresses: addresses
                ).failure == nil)
            async let slow = Load(port: proxy.port, path: "/slow").run(2, connections: 2)
            try await eventually("two slow requests are there") { servers[0].slow == 2 }
            async let report = router.shift(
                Bench.whole(old: nil, 0, new: 2...2, 100, traffic: traffic, drain: .seconds(60)), of: "web",
                addresses: addresses)
            // The new one has everything while the old one still works.
            while await !Load(port: proxy.port).run(10).answers.keys.allSatisfy({ $0 == "web-2" }) {}
            #expect(try await proxy.say("show servers state web").contains("web-1"))
            servers[0].release()
            let done = await report
            #expect(done.failure == nil && done.remarks == [])
            #expect(await slow.answers == ["web-1": 2])
            #expect(try await !proxy.say("show servers state web").contains("web-1"))
        }
    }

    @Test func whoDoesNotFinishIsGivenUp() async throws {
        try await withServer { proxy, servers, addresses, router in
            let traffic = traffic(proxy)
            #expect(
                await router.shift(
                    Bench.whole(old: 1...1, 100, new: nil, 0, traffic: traffic), of: "web", addresses: addresses
                ).failure == nil)
            async let slow = Load(port: proxy.port, path: "/slow").run(1, connections: 1)
            try await eventually("the slow request is there") { servers[0].slow == 1 }
            let report = await router.shift(
                Bench.whole(old: nil, 0, new: 2...2, 100, traffic: traffic, drain: TimeSpan(milliseconds: 300)),
                of: "web", addresses: addresses)
            #expect(report.failure == nil)
            #expect(report.remarks == ["web-1 still had 1 request after 300ms: they are given up"])
            #expect(try await !proxy.say("show servers state web").contains("web-1"))
            servers[0].release()
            #expect(await slow.total == 0)
        }
    }

    @Test func requestsWithAHeaderGoToTheNewSide() async throws {
        try await withServer { proxy, servers, addresses, router in
            let traffic = traffic(
                proxy, ["match_backend": .string("web-beta"), "servers_file": .string(proxy.configuration)])
            var routing = Bench.whole(old: 1...2, 100, new: 3...3, 0, traffic: traffic)
            routing.match = Bench.header
            #expect(await router.shift(routing, of: "web", addresses: addresses).failure == nil)
            let header = ["x-group: beta.1"]
            #expect(await Load(port: proxy.port, headers: header).run(20).answers == ["web-3": 20])
            #expect(await Load(port: proxy.port).run(20).answers == ["web-1": 10, "web-2": 10])
            try await proxy.reload()
            #expect(await router.observe(routing, of: "web", addresses: addresses).isAsWanted)
            let end = Bench.whole(old: 1...2, 100, new: nil, 0, traffic: traffic)
            #expect(await router.shift(end, of: "web", addresses: addresses).failure == nil)
            #expect(await Load(port: proxy.port, headers: header).run(20).answers == ["web-1": 10, "web-2": 10])
            // Where the block says nothing of it, it is refused.
            routing.traffic = self.traffic(proxy)
            let refused = await router.shift(routing, of: "web", addresses: addresses)
            #expect(refused.failure?.contains("not set up to tell requests apart") == true)
        }
    }

    @Test func whatHAProxyRefusesIsSaid() async throws {
        try await withServer { proxy, servers, addresses, router in
            let routing = { (traffic: Value) in Bench.whole(old: 1...1, 100, new: nil, 0, traffic: traffic) }
            let cases: [([String: Value], String)] = [
                (["state_file": .string(proxy.configuration + ".state")], "has no slot web-1"),
                (["server_options": .string("cookie x")], "'cookie' option is not accepted for dynamic server"),
                (["backend": .string("nope")], "has no backend nope"),
                (["servers_file": .string("/nonexistent/x")], "/nonexistent/x is not there"),
                (["servers_file": .string("/etc/hostname")], "has no lines `# BEGIN reconcile web`"),
                (["server_options": .string("check;del server web/x")], "may hold letters"),
                (["backend": .string("web;x")], "may hold letters"),
            ]
            for (more, text) in cases {
                let report = await router.shift(routing(traffic(proxy, more)), of: "web", addresses: addresses)
                #expect(report.failure?.contains(text) == true, "\(report.failure ?? "done")")
            }
        }
    }

    @Test func anotherFileThanAServerStateFileIsNotOverwritten() async throws {
        try await withServer(example: 1, count: 3) { proxy, servers, addresses, router in
            let file = proxy.configuration + ".notes"
            let routing = Bench.whole(
                old: 1...2, 100, new: nil, 0, traffic: traffic(proxy, ["state_file": .string(file)]))
            for text in ["of somebody else\n", "1", "\n"] {
                try TestFile.write(file, text)
                let failure = await router.shift(routing, of: "web", addresses: addresses).failure ?? "done"
                #expect(failure.contains("is no server-state file of HAProxy"), "\(failure)")
                #expect(try TestFile.read(file) == text)
                // Nothing else was changed either.
                #expect(
                    await router.observe(routing, of: "web", addresses: addresses).instances.allSatisfy {
                        ($0.seen ?? 0) == 0
                    })
            }
            try TestFile.write(file, "")
            #expect(await router.shift(routing, of: "web", addresses: addresses).failure == nil)
            #expect(try TestFile.read(file).hasPrefix("1\n# be_id "))
            #expect(await router.shift(routing, of: "web", addresses: addresses).failure == nil)
        }
    }
}
