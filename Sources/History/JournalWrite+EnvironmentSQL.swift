import Model

extension JournalWrite {
    /// The statements for what concerns an environment as a whole. Throws as `statements` does.
    func environmentStatements(_ deployables: StoredDeployables) throws(StoreError) -> [JournalStatement] {
        switch self {
        case .instance(let environment, let record):
            let deployable = try deployables.row(record.deployable)
            return [
                JournalStatement(
                    "INSERT INTO deployables(id, body) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    [deployable.id, deployable.body]),
                JournalStatement(
                    """
                    INSERT INTO instances(environment, workload, instance, driver, idx, deployable, commit_id, digest)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT(environment, instance, driver) DO UPDATE SET workload = excluded.workload,
                        idx = excluded.idx, deployable = excluded.deployable, commit_id = excluded.commit_id,
                        digest = excluded.digest
                    """,
                    [
                        environment.stored, record.workload.stored, record.instance.stored,
                        record.deployable.driver.stored, record.index, deployable.id, record.commit.stored,
                        record.digest?.hex.stored,
                    ]),
            ]
        case .removeInstance(let environment, let instance, let driver):
            return [
                JournalStatement(
                    "DELETE FROM instances WHERE environment = ? AND instance = ? AND driver = ?",
                    [environment.stored, instance.stored, driver.stored]),
                JournalStatement(
                    """
                    DELETE FROM traffic WHERE environment = ?1 AND instance = ?2 AND NOT EXISTS (
                        SELECT 1 FROM instances WHERE environment = ?1 AND instance = ?2)
                    """, [environment.stored, instance.stored]),
            ]
        case .environment(let record):
            return [
                JournalStatement(
                    """
                    INSERT INTO environments(name, commit_id, passes, last_pass_at, next_pass_at, body)
                    VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT(name) DO UPDATE SET commit_id = excluded.commit_id, passes = excluded.passes,
                        last_pass_at = excluded.last_pass_at, next_pass_at = excluded.next_pass_at,
                        body = excluded.body
                    """,
                    [
                        record.name.stored, record.commit?.stored, record.passes, record.lastPassAt?.iso8601,
                        record.nextPassAt?.iso8601, try StoredJSON.text(record),
                    ])
            ]
        case .passed(let record):
            return [
                JournalStatement(
                    """
                    UPDATE environments SET commit_id = ?, passes = ?, last_pass_at = ?, next_pass_at = ? WHERE name = ?
                    """,
                    [
                        record.commit?.stored, record.passes, record.lastPassAt?.iso8601, record.nextPassAt?.iso8601,
                        record.name.stored,
                    ], missing: "environment \(record.name) is not in the record")
            ]
        case .forgetEnvironment(let name):
            return ["instances", "known_digests", "inputs", "traffic", "recommendations", "scales"].map {
                JournalStatement("DELETE FROM \($0) WHERE environment = ?", [name.stored])
            } + [JournalStatement("DELETE FROM environments WHERE name = ?", [name.stored])]
        case .input(let environment, let desired):
            return [
                JournalStatement(
                    """
                    INSERT INTO inputs(environment, input, commit_id, desired) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """,
                    [
                        environment.stored, desired.input.id.hex, desired.commit.stored,
                        try StoredJSON.text(desired.unpinned),
                    ])
            ]
        case .reached(let environment, let desired):
            return [
                JournalStatement(
                    "UPDATE inputs SET commit_id = ?, desired = ? WHERE environment = ? AND input = ?",
                    [
                        desired.commit.stored, try StoredJSON.text(desired), environment.stored, desired.input.id.hex,
                    ], missing: "input \(desired.input.id.short) of \(environment) is not in the record")
            ]
        case .good(let environment, let input, let digests, let at):
            return [
                JournalWrite.mark("good_at", environment, input, at),
                JournalStatement(
                    """
                    INSERT INTO known_digests(environment, digest) SELECT ?, value FROM json_each(?) WHERE true
                    ON CONFLICT DO NOTHING
                    """, [environment.stored, try StoredJSON.text(digests)]),
            ]
        case .failed(let environment, let input, let digests, let at):
            return [
                JournalWrite.mark("failed_at", environment, input, at),
                JournalStatement(
                    "DELETE FROM known_digests WHERE environment = ? AND digest IN (SELECT value FROM json_each(?))",
                    [environment.stored, try StoredJSON.text(digests)]),
            ]
        default: return rolloutStatements()
        }
    }

    private static func mark(
        _ column: String, _ environment: String, _ input: Digest, _ at: Timestamp
    ) -> JournalStatement {
        JournalStatement(
            "UPDATE inputs SET \(column) = ? WHERE environment = ? AND input = ?",
            [at.iso8601, environment.stored, input.hex.stored],
            missing: "input \(input.short) of \(environment) is not in the record")
    }
}
