import DriverKit
import Glibc
import Model
import TestSupport
import Testing

@testable import SSHDriver

@Suite(.fewAtOnce) struct DifferencesTests {
    @Test func linesAndNothingSecret() async throws {
        try await Bench.with(["alpha", "beta"]) { bench in
            try TestFile.write(bench.folder + "/secret", "planted-now-77\n")
            func target(_ name: String) async throws -> InstanceTarget {
                let root = try await bench.root(name)
                return try await bench.target(
                    on: name,
                    [
                        "vars": .map(["KEY": .secret(.file(bench.folder + "/secret"))]),
                        "files": .list([
                            .text(root + "/conf", "one\ntwo\n"),
                            .entry(
                                root + "/key",
                                [
                                    "content": .string("user=web\nkey={{ KEY }}\n"), "expand": .bool(true),
                                    "mode": .string("0600"),
                                ]),
                            .entry(root + "/link", ["link": .string("conf")]),
                            .entry(root + "/binary", ["source": .string("binary")]),
                            .text(root + "/same", "same"),
                        ]),
                    ], sources: ["binary": "a\u{0}b"])
            }
            let (alpha, beta) = (try await target("alpha"), try await target("beta"))
            let root = try await bench.root()
            try TestFile.write(root + "/conf", "one\nthree\n")
            try TestFile.write(root + "/key", "user=web\nkey=planted-before-66\n")
            try TestFile.write(root + "/same", "same")
            chmod(root + "/key", 0o644)
            let found = await bench.driver.differences([alpha, beta])
            #expect(!"\(found)".contains("planted"))
            let first = found.filter { $0.place == "alpha" }
            try #require(first.map(\.path) == ["conf", "key", "link", "binary"].map { "\(root)/\($0)" })
            #expect(first[0].old == ["one", "three"] && first[0].new == ["one", "two"] && first[0].remark == nil)
            #expect(first[1].old == ["user=web", "(not shown: the file holds a secret)"])
            #expect(first[1].new == ["user=web", "key=(secret)"] && first[1].remark == "mode 0644 -> 0600")
            #expect(first[2].remark == "link (none) -> conf" && first[3].remark == "is made, 3 bytes")
            #expect(found.filter { $0.place == "beta" }.count == 5)
            #expect(found.last?.instance == "web@beta" && found.last?.new == ["same"])
            #expect(await bench.driver.apply(alpha).observed == alpha.inPlace)
            #expect(await bench.driver.differences([alpha]) == [])
        }
    }

    /// The file on the host still holds the secret that the new version leaves out.
    @Test(arguments: [true, false]) func aFileThatStopsHoldingASecret(canBeRead: Bool) async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            let secret = bench.folder + "/secret"
            try TestFile.write(secret, "planted-88\n")
            let old = try await bench.target([
                "vars": .map(["KEY": .secret(.file(secret))]),
                "files": .list([
                    .entry(root + "/key", ["content": .string("a\nkey={{ KEY }}\n"), "expand": .bool(true)])
                ]),
            ])
            #expect(await bench.driver.apply(old).observed == old.inPlace)
            let new = try await bench.target(
                ["files": .list([.text(root + "/key", "a\n")])],
                before: InstanceTarget.Before(deployable: old.deployable, folder: old.folder))
            if !canBeRead { unlink(secret) }
            let later = Bench(fleet: bench.fleet, driver: Bench.driver(), folder: bench.folder)
            let found = await later.driver.differences([new])
            #expect(found.map(\.old) == [["a", "(not shown: the file holds a secret)"]], "\(found)")
            await later.driver.close()
        }
    }

    @Test func trafficIsToldOnTheHost() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            var target = try await bench.target(["traffic": .string("echo \"$RECONCILE_WEIGHT\" >'\(root)/weight'")])
            target.weight = 0
            #expect(await bench.driver.route([target])?.failure == nil)
            #expect(try TestFile.read(root + "/weight") == "0\n")
            let none = try await bench.target([:])
            #expect(await bench.driver.route([none]) == nil)
        }
    }
}
