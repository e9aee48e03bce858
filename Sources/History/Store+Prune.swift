import GRDB
import Model

extension Store {
    /// Removes what the retention setting no longer wants: reconciles beyond the newest `keep`, and those that began
    /// more than `days` ago, with all that hangs on them. Open ones stay, and those that an environment refers to.
    /// Then inputs, deployables and requests that nothing needs. Works in short batches, so that the journal can go on
    /// in between. Gives the number of removed reconciles. Throws `StoreError`.
    @discardableResult
    package func prune(keep: Int, days: Int? = nil, now: Timestamp) async throws(StoreError) -> Int {
        let cutoff = days.map { (now + .seconds(-86_400 * Int64($0))).iso8601 } ?? ""
        var removed = 0
        while true {
            let batch = try await write { try Pruning.reconciles($0, keep: max(keep, 1), cutoff: cutoff) }
            removed += batch
            if batch < Pruning.batch { break }
        }
        for environment in try await write({ try Pruning.crowdedEnvironments($0) }) {
            try await write { try Pruning.inputs($0, of: environment) }
        }
        try await write { try Pruning.leftovers($0) }
        try await shrink()
        return removed
    }

    /// Gives free pages back to the file system, a thousand at a time.
    private func shrink() async throws(StoreError) {
        while try await withoutTransaction({ db in
            let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            if free > 0 { _ = try Row.fetchAll(db, sql: "PRAGMA incremental_vacuum(1000)") }
            return free > 1000
        }) {}
    }
}
