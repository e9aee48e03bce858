import Model
import Synchronization

/// How deployables stand in the record. Most instances that are recorded one after the other have the same, and to write one out
/// takes longer than all else of its row.
final class StoredDeployables: Sendable {
    struct Row: Sendable {
        let id: String
        let body: String
    }

    private static let limit = 64
    private let known = Mutex<[Digest: (deployable: Deployable, row: Row)]>([:])

    /// Throws `.rejected` where it has no JSON form.
    func row(_ deployable: Deployable) throws(StoreError) -> Row {
        if let last = known.withLock({ $0[deployable.digest] }), last.deployable == deployable { return last.row }
        let row = Row(id: deployable.id.hex, body: try StoredJSON.text(deployable))
        known.withLock { known in
            if known.count >= Self.limit { known = [:] }
            known[deployable.digest] = (deployable, row)
        }
        return row
    }
}
