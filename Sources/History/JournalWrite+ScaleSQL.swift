import Model

extension JournalWrite {
    /// The statements for what concerns workloads that scale themselves.
    func scaleStatements() -> [JournalStatement] {
        switch self {
        case .scale(let environment, let record, let recommendations, let oldest):
            let (environment, workload) = (environment.stored, record.workload.stored)
            return [
                JournalStatement(
                    """
                    INSERT INTO scales(environment, workload, count, value, detail, at, because)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT(environment, workload) DO UPDATE SET count = excluded.count, value = excluded.value,
                        detail = excluded.detail, at = excluded.at, because = excluded.because
                    """,
                    [
                        environment, workload, record.count, record.value, record.detail.stored, record.at.iso8601,
                        record.because?.stored,
                    ]),
                // One from the future, before the clock was set back, would count for too long.
                JournalStatement(
                    "DELETE FROM recommendations WHERE environment = ? AND workload = ? AND (at < ? OR at > ?)",
                    [environment, workload, oldest.iso8601, record.at.iso8601]),
            ]
                + recommendations.map { one in
                    JournalStatement(
                        """
                        INSERT INTO recommendations(environment, workload, at, count) VALUES (?, ?, ?, ?)
                        ON CONFLICT(environment, workload, at) DO UPDATE SET count = excluded.count
                        """, [environment, workload, one.at.iso8601, one.count])
                }
        case .scaled(let environment):
            return [
                JournalStatement(
                    "UPDATE scales SET because = NULL WHERE environment = ? AND because IS NOT NULL",
                    [environment.stored])
            ]
        case .unscale(let environment, let workload):
            return ["recommendations", "scales"].map {
                JournalStatement(
                    "DELETE FROM \($0) WHERE environment = ? AND workload = ?", [environment.stored, workload.stored])
            }
        default: return []
        }
    }
}
