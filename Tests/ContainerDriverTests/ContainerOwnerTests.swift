import DriverKit
import Foundation
import Model
import Processes
import TestSupport
import Testing

@testable import ContainerDriver

/// Several reconcilers at one engine.
@Suite(.fewAtOnce, .enabled(if: DockerEngine.missing == nil, "\(DockerEngine.missing ?? "")"), .timeLimit(.minutes(15)))
struct ContainerOwnerTests {
    private func driver(_ bench: Bench, state: String, named: String...) -> ContainerDriver {
        ContainerDriver(
            runner: ProcessRunner(), slots: Slots(4), baseEnvironment: ["DOCKER_HOST": bench.engine.address],
            owner: Owner(state: state, named: named))
    }

    private func labels(_ bench: Bench) async throws -> String {
        try await bench.engine.docker(
            "inspect", "--format", #"{{index .Config.Labels "reconcile.owner"}}"#, bench.name()
        ).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test func nobodyTouchesWhatAnotherMade() async throws {
        try await Bench.with { bench in
            let old = bench.target(["image": .string(Images.web), "stop_grace": .int(0)])
            let new = bench.target([
                "image": .string(Images.web), "stop_grace": .int(0), "env": .map(["A": .string("1")]),
            ])
            let (ours, other) = (driver(bench, state: "a"), driver(bench, state: "b"))
            // A version that named no owner made it.
            #expect(await bench.driver.apply(old).failure == nil)
            let none = try await labels(bench)
            #expect(none == "")
            for driver in [ours, other] { #expect(await driver.observe([old]) == [old.running]) }
            #expect(await ours.apply(old).failure == nil)
            #expect(try await labels(bench) == "", "what is in place stays as it is")
            #expect(await ours.apply(new).failure == nil)
            #expect(try await labels(bench) == "a")
            #expect(await ours.observe([new]) == [new.running])

            guard case .unknown(let reason) = await other.observe([new])[0] else { Issue.record("it is seen"); return }
            #expect(reason.contains("is of another reconciler, a:") && reason.contains("`owner: a`"), "\(reason)")
            for report in [await other.apply(old), await other.remove(new)] {
                #expect(report.failure?.contains("is of another reconciler") ?? false, "\(report)")
            }
            #expect(await ours.observe([new]) == [new.running])

            let heir = driver(bench, state: "b", named: "a")
            #expect(await heir.observe([new]) == [new.running])
            #expect(await heir.apply(old).failure == nil)
            #expect(try await labels(bench) == "a")
            // Whoever gave itself a name later still has what it made before.
            let renamed = driver(bench, state: "a", named: "c")
            #expect(await renamed.apply(new).failure == nil)
            #expect(try await labels(bench) == "c")
            #expect(await renamed.remove(new).failure == nil)
            #expect(await other.observe([new]) == [.absent])
        }
    }

    /// The name came later than the first containers, and then the state folder was lost.
    @Test func whatIsOfSeveralOwnersIsTakenOverWhole() async throws {
        try await Bench.with { bench in
            func target(_ index: Int, _ value: String) -> InstanceTarget {
                bench.target(
                    index, ["image": .string(Images.web), "stop_grace": .int(0), "env": .map(["A": .string(value)])])
            }
            let both = [target(1, "1"), target(2, "1")]
            for one in both { #expect(await driver(bench, state: "a").apply(one).failure == nil) }
            let first = target(1, "2")
            #expect(await driver(bench, state: "a", named: "prod").apply(first).failure == nil)
            let now = [first, both[1]]

            func reason(_ driver: ContainerDriver) async -> String {
                let seen = await driver.observe(now)
                return seen.lazy.compactMap { if case .unknown(let reason) = $0 { reason } else { nil } }.first ?? ""
            }
            let alone = await reason(driver(bench, state: "b"))
            #expect(alone.contains("write `owner: prod` in") && alone.contains("as in CI"), "\(alone)")
            let half = await reason(driver(bench, state: "b", named: "prod"))
            #expect(half.contains("write `owner: [prod, a]` in"), "\(half)")
            let heir = driver(bench, state: "b", named: "prod", "a")
            #expect(await heir.observe(now) == now.map(\.running))
            let next = target(2, "2")
            #expect(await heir.apply(next).failure == nil)
            // What was the second name is needed no more.
            let later = driver(bench, state: "c", named: "prod")
            #expect(await later.observe([first, next]) == [first.running, next.running])
            for one in [first, next] { #expect(await later.remove(one).failure == nil) }
        }
    }

    @Test func aLabelThatSomebodyMadeUpIsShownInOneLine() {
        let owner = Owner(state: "a", named: [])
        let reason = owner.refusal(of: "c", at: "e", "x\u{1B}[31m\ny" + String(repeating: "z", count: 200)) ?? ""
        #expect(reason.contains("cannot be taken over") && reason.utf8.count < 400, "\(reason)")
        #expect(!reason.contains("\u{1B}") && !reason.contains("\n"), "\(reason)")
        #expect(owner.refusal(of: "c", at: "e", "") == nil && owner.refusal(of: "c", at: "e", nil) == nil)
    }
}
