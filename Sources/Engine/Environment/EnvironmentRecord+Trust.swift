import History
import Model

extension EnvironmentRecord {
    /// Whether the record, where it is trusted, says that what this revision wants runs: then there is nothing to look at,
    /// unless something has to be measured.
    func isAsRecorded(_ trustsRecord: Bool, _ snapshot: Snapshot) -> Bool {
        guard trustsRecord, measures != true, hold == nil, pause == nil, openReconcile == nil, problems.isEmpty,
            outcome == .applied || outcome == .inSync, let input, running == input.id,
            snapshot.duplicates[name] == nil
        else { return false }
        return snapshot.isUnchanged(input, of: name)
    }
}
