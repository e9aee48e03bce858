import History
import Model
import Synchronization

/// How every environment stands, for those that come after it.
final class Standings: Sendable {
    /// What they have on hosts.
    let hosts = HostLedger()
    private let records: Mutex<[String: EnvironmentRecord]>

    init(_ records: [EnvironmentRecord]) {
        self.records = Mutex(Dictionary(records.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
    }

    func update(_ record: EnvironmentRecord) { records.withLock { $0[record.name] = record } }

    func remove(_ name: String) { records.withLock { $0[name] = nil } }

    func record(_ name: String) -> EnvironmentRecord? { records.withLock { $0[name] } }

    var all: [EnvironmentRecord] { records.withLock { Array($0.values) } }

    /// Why one that comes after this environment has to wait at a revision; nil where it has not.
    func isWaitingFor(_ name: String, at snapshot: Snapshot) -> String? {
        guard snapshot.folders[name] != nil else { return "waiting for \(name), which is not in git" }
        guard let record = record(name), let input = record.input, let outcome = record.outcome else {
            return "waiting for \(name), which was not reconciled yet"
        }
        guard record.commit == snapshot.revision.commit || snapshot.isUnchanged(input, of: name) else {
            return "waiting for \(name), which is not at commit \(snapshot.revision.short) yet"
        }
        return outcome == .applied || outcome == .inSync ? nil : "waiting for \(name), which is not as git says"
    }

    /// Whether a pass of this environment at this revision, or one that decided the same, has ended.
    func hasSeen(_ snapshot: Snapshot, _ name: String) -> Bool {
        guard snapshot.folders[name] != nil else { return true }
        guard let record = record(name), let input = record.input else { return false }
        guard record.outcome != nil else { return false }
        return record.commit == snapshot.revision.commit || snapshot.isUnchanged(input, of: name)
    }
}
