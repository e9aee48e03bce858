import History
import Model
import Testing

@testable import Engine

@Suite struct AbortTests {
    private let question = Step(
        id: 1, kind: .approve, workload: "web", instance: nil, index: 0, act: .approve("good?"), after: [],
        progressDeadline: nil, text: "ask")

    /// The process that was asked may be killed before it has done it.
    @Test func whatWasAskedIsDoneByTheNextProcess() async throws {
        try await Bench.with { bench in
            let (_, job) = try await bench.begin([question])
            let answer = try await bench.environment().abort(nil)
            #expect(answer.succeeded)
            #expect(try await bench.store.environment("staging")?.abort == "aborted by hand")

            let next = try await bench.environment()
            let report = try await next.goOn(job.reconcile, bench.call())
            #expect(report.outcome == .failed && report.reason.hasPrefix("aborted by hand"), "\(report)")
            let record = try #require(await bench.store.environment("staging"))
            #expect(record.abort == nil && record.openReconcile == nil)
        }
    }

    @Test func aRolloutThatIsClosedTakesItAlong() async throws {
        try await Bench.with { bench in
            let (_, job) = try await bench.begin([question])
            let environment = try await bench.environment()
            _ = try await environment.abort(nil)
            try await environment.close(job.reconcile, reason: "a newer commit")
            #expect(try await bench.store.environment("staging")?.abort == nil)
        }
    }
}
