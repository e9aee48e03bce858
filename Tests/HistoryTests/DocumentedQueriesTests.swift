import FoundationEssentials
import GRDB
import History
import Model
import Testing

@Suite struct DocumentedQueriesTests {
    @Test func everyQueryOfTheDocsHasAnAnswer() async throws {
        let page = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/docs/record.md"
        let text = try String(contentsOfFile: page, encoding: .utf8)
        let queries = text.components(separatedBy: "```sql\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
        #expect(queries.count == 15)

        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        try await fill(store)
        let database = try DatabaseQueue(path: folder.record)
        for query in queries {
            let count = try await database.read { try Row.fetchAll($0, sql: query).count }
            #expect(count > 0, "\(query)")
        }
        #expect(text.contains("## reconciles") && text.contains("## steps") && text.contains("## changes"))
    }

    private func fill(_ store: Store) async throws {
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        let outcomes: [Outcome?] = [.applied, .failed, .rolledBack, .applied, .applied, nil]
        for (index, outcome) in outcomes.enumerated() {
            let id = index + 1
            let began = now + .seconds(Int64(index) * 60 - 3600)
            let change = Change(
                workload: "web", action: .update, cause: id == 4 ? .drift : .commit,
                fields: [.init(path: "shell.env.VERSION", from: "1", to: "2")])
            var writes: [JournalWrite] = [
                .begin(
                    reconcile(id, "production", at: began), changes: [change], steps: [step(1), step(2)],
                    rollout: "{}"),
                .step(reconcile: id, id: 1, state: .running, at: began, detail: nil),
                .step(
                    reconcile: id, id: 1, state: outcome == .failed ? .failed : .done, at: began + .seconds(2),
                    detail: "exit 1"),
                .measured(
                    reconcile: id, step: 1,
                    [Measurement(monitor: "errors", at: began, value: 1, baseline: 2, verdict: .pass)]),
            ]
            writes.append(
                .decision(
                    environment: "production", reconcile: id, step: 1,
                    Decision(isApproved: true, person: "Ada", plan: Digest(ofText: "plan"), at: began)))
            writes.append(
                .traffic(
                    environment: "production", workload: "web",
                    [TrafficRecord(workload: "web", instance: "web-1", wanted: 100, seen: nil, at: began)],
                    isWhole: true))
            if let outcome {
                writes.append(.end(reconcile: id, outcome: outcome, reason: "so", at: began + .seconds(9)))
            }
            try await store.log.commit(writes)
        }
    }
}
