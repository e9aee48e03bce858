import Model
import Testing

@testable import Traffic

@Suite struct WantedServersTests {
    private let addresses = Dictionary(uniqueKeysWithValues: (1...9).map { ("web-\($0)", "127.0.0.1:900\($0)") })

    private func wanted(_ routing: Routing, _ seen: [SeenServer]) throws -> WantedServers {
        try WantedServers(routing, of: "web", addresses: addresses, seen: SeenServers(seen), heaviest: 256)
    }

    private func seen(_ index: Int, _ weight: Int, _ state: SeenServer.State = .ready) -> SeenServer {
        SeenServer(name: "web-\(index)", address: "127.0.0.1:900\(index)", weight: weight, state: state)
    }

    @Test func tenPercentIsTenPercentOfAllRequests() throws {
        let routing = Bench.whole(old: 1...4, 90, new: 5...5, 10)
        let wanted = try wanted(
            routing, (1...4).map { seen($0, 1) } + [SeenServer(name: "db", address: "x:1", weight: 1)])
        #expect(wanted.leaving == [])
        #expect(wanted.servers.map(\.share) == [2250, 2250, 2250, 2250, 1000])
        #expect(wanted.servers.map(\.weight) == [9, 9, 9, 9, 4])
    }

    @Test func whoIsNotNamedLeavesAWhole() throws {
        let others = [
            SeenServer(name: "web-x", address: "x:1", weight: 1), SeenServer(name: "webb-1", address: "x:1", weight: 1),
            SeenServer(name: "web-1-2", address: "x:1", weight: 1),
        ]
        let wanted = try wanted(
            Bench.whole(old: nil, 0, new: 3...4, 100),
            [seen(1, 9), seen(2, 9, .draining), seen(3, 1), seen(5, 1, .out)] + others)
        #expect(wanted.leaving.map(\.name) == ["web-1", "web-2"])
        #expect(wanted.servers.map(\.weight) == [1, 1])
    }

    @Test func aPatchLeavesTheOthersAsTheyAre() throws {
        let there = [seen(1, 3), seen(2, 3), seen(3, 3, .draining), seen(4, 0)]
        let joins = try wanted(Bench.patch(5...5, 100), there)
        #expect(joins.servers.map(\.name) == ["web-1", "web-2", "web-5"])
        #expect(joins.servers.map(\.weight) == [1, 1, 1] && joins.leaving == [])
        let leaves = try wanted(Bench.patch(1...1, 0), there)
        #expect(leaves.servers.map(\.name) == ["web-2"] && leaves.leaving.map(\.name) == ["web-1"])
        // A second time nothing is left to do.
        let after = SeenServers([seen(1, 1), seen(2, 1), seen(5, 1)])
        let again = try wanted(Bench.patch(5...5, 100), after.servers)
        #expect(again.differences(from: after, of: "web") == [])
    }

    @Test func theFirstOneGetsAll() throws {
        let wanted = try wanted(Bench.patch(1...2, 100), [])
        #expect(wanted.servers.map(\.share) == [5000, 5000])
    }

    @Test func requestsOfATestAreSharedApart() throws {
        var routing = Bench.whole(old: 1...2, 100, new: 3...4, 0)
        routing.match = Bench.header
        let wanted = try wanted(routing, [seen(1, 1), seen(2, 1)])
        #expect(wanted.servers.map(\.group) == [.everyone, .everyone, .matching, .matching])
        #expect(wanted.servers.map(\.share) == [5000, 5000, 5000, 5000])
    }

    @Test func anInstanceWithoutAddressIsNamed() {
        #expect(throws: TrafficError.self) {
            try WantedServers(
                Bench.whole(old: 1...1, 100, new: 2...2, 0), of: "web", addresses: ["web-1": "127.0.0.1:1"],
                seen: SeenServers([]), heaviest: 256)
        }
        for bad in ["", "127.0.0.1", "a b:1", "a;b:1", "x:0", "-x:1", "x:99999", "::1:80"] {
            #expect(throws: TrafficError.self, "\(bad)") {
                try WantedServers(
                    Bench.patch(1...1, 100), of: "web", addresses: ["web-1": bad], seen: SeenServers([]), heaviest: 256)
            }
        }
    }

    @Test func whatABalancerSaysOfOthersIsCheckedBeforeItIsWrittenAgain() {
        for bad in ["unix:/run/x.sock", "10.0.0.1;x", "a b:1", "", "127.0.0.1:0"] {
            var there = seen(1, 3)
            there.address = bad
            #expect(throws: TrafficError.self, "\(bad)") { try wanted(Bench.patch(5...5, 100), [there]) }
            there.state = .out
            #expect(throws: Never.self, "\(bad)") { try wanted(Bench.patch(5...5, 100), [there]) }
        }
    }

    @Test func differencesAreSentences() throws {
        let wanted = try wanted(Bench.whole(old: 1...1, 90, new: 2...2, 10), [seen(1, 1)])
        var moved = seen(2, 1)
        moved.address = "127.0.0.1:1"
        #expect(
            wanted.differences(from: SeenServers([seen(1, 9), moved], isStale: "not loaded"), of: "web") == [
                "not loaded", "web-2's requests go to 127.0.0.1:1, and it is at 127.0.0.1:9002",
            ])
        #expect(
            wanted.differences(from: SeenServers([seen(1, 9)]), of: "web") == [
                "web-1 gets 100 % of the requests instead of 90 %", "web-2 gets 0 % of the requests instead of 10 %",
            ])
    }
}
