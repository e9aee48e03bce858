import Model

extension JournalWrite {
    /// The statements for what a rollout leaves besides its steps.
    func rolloutStatements() -> [JournalStatement] {
        switch self {
        case .decision(let environment, let reconcile, let step, let decision):
            return [
                JournalStatement(
                    """
                    INSERT INTO approvals(reconcile_id, step_id, environment, decision, person, plan, at)
                    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """,
                    [
                        reconcile, step, environment.stored, decision.isApproved ? "approved" : "rejected",
                        decision.person.stored, decision.plan.hex, decision.at.iso8601,
                    ])
            ]
        case .traffic(let environment, let workload, let records, let isWhole):
            let gone =
                isWhole
                ? [
                    JournalStatement(
                        "DELETE FROM traffic WHERE environment = ? AND workload = ?",
                        [environment.stored, workload.stored])
                ] : []
            return gone
                + records.map { record in
                    JournalStatement(
                        """
                        INSERT INTO traffic(environment, workload, instance, wanted, seen, at, told)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT(environment, workload, instance) DO UPDATE SET wanted = excluded.wanted,
                            seen = excluded.seen, at = excluded.at, told = excluded.told
                        """,
                        [
                            environment.stored, workload.stored, record.instance.stored, record.wanted, record.seen,
                            record.at.iso8601, record.told,
                        ])
                }
        default: return scaleStatements()
        }
    }
}
