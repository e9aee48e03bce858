import DriverKit
import Foundation
import Glibc
import Model
import TestSupport
import Testing

@testable import SSHDriver

@Suite(.serialized) struct ManyHostsTests {
    /// With `RECONCILE_SSH_HOSTS=50` as many, and what it took is printed.
    @Test(.timeLimit(.minutes(5))) func manyHostsAtOnce() async throws {
        let asked = getenv("RECONCILE_SSH_HOSTS").flatMap { Int(String(cString: $0)) }
        let count = asked ?? 20
        let names = (1...count).map { "h\($0)" }
        try await Bench.with(names) { bench in
            let sources = (1...20).reduce(into: [String: String]()) { files, index in
                files["f/\(index)"] = String(repeating: "line \(index)\n", count: 100)
            }
            var targets: [InstanceTarget] = []
            for name in names {
                let root = try await bench.root(name)
                targets.append(
                    try await bench.target(
                        on: name,
                        [
                            "files": .list([
                                .entry(root + "/f", ["source": .string("f")]),
                                .entry(root + "/link", ["link": .string("f")]),
                            ])
                        ], sources: sources))
            }
            func time(_ what: String, _ body: () async throws -> Void) async rethrows {
                let began = ContinuousClock.now
                try await body()
                if asked != nil { print("\(count) hosts: \(what) \(ContinuousClock.now - began)") }
            }
            let driver = bench.driver
            await time("first look") { #expect(await driver.observe(targets) == targets.map { _ in .absent }) }
            await time("first apply") {
                await withTaskGroup(of: Bool.self) { group in
                    for target in targets {
                        group.addTask { await driver.apply(target).observed == target.inPlace }
                    }
                    var inPlace = 0
                    for await isRight in group where isRight { inPlace += 1 }
                    #expect(inPlace == count)
                }
            }
            for _ in 1...3 {
                await time("nothing changed") {
                    #expect(await driver.observe(targets) == targets.map(\.inPlace))
                }
            }
            try TestFile.write(try await bench.root("h1") + "/f/7", "by hand")
            await time("one file repaired") {
                let seen = await driver.observe(targets)
                #expect(seen.count { !targets.map(\.inPlace).contains($0) } == 1)
                #expect(await driver.apply(targets[0]).observed == targets[0].inPlace)
            }
            // One of them flaps.
            await bench.fleet.stop("h2")
            let seen = await driver.observe(targets)
            #expect(seen.count(where: \.isUnknown) == 1 && seen[1].isUnknown)
            try await bench.fleet.start("h2")
            #expect(await driver.observe(targets) == targets.map(\.inPlace))
        }
    }
}
