import DriverKit
import History
import Manifests
import Model

/// What each environment has on hosts for itself alone, so that no pass takes what another environment has.
actor HostLedger {
    /// An environment as it is on hosts, or is about to be.
    private struct Claim {
        var input: Digest
        var environment: Environment
        var places: Set<HostPlace>

        init(_ desired: Desired) {
            input = desired.input.id
            environment = desired.environment
            places = HostClaims.places(of: environment)
        }
    }

    private struct Entry {
        /// What it was last brought to.
        var held: Claim?
        /// What it was allowed to be brought to, and behind it where to it may go back.
        var wanted: [Claim] = []
    }

    private var entries: [String: Entry] = [:]

    /// What a target of an environment wants of hosts that another has, as problems of its manifests; none where it may go
    /// on, and it has all that it wants from then on, together with where it goes if it `isWayBack` from there. Of two that
    /// want the same, the first one that has it keeps it.
    /// `records` are all environments that there are, and `isGone` says of which git has no folder any more. Throws where the
    /// record cannot be read: that is not to have nothing.
    func problems(
        of desired: Desired, isWayBack: Bool = false, records: [EnvironmentRecord], isGone: (EnvironmentRecord) -> Bool,
        store: Store?,
        drivers: [DriverDescription], prefix: String
    ) async throws(StoreError) -> [Problem] {
        let environment = desired.environment
        let mine = Claim(desired)
        if mine.places.isEmpty, entries[environment.name] == nil { return [] }
        for record in records where entries[record.name] == nil {
            let held = try await Self.claim(record.name, record.running, store)
            var open: Digest?
            if let id = record.openReconcile { open = try await store?.reconcile(id)?.input }
            let wanted = try await Self.claim(record.name, open, store)
            guard held != nil || wanted != nil, entries[record.name] == nil else { continue }
            entries[record.name] = Entry(held: held, wanted: [wanted].compactMap(\.self))
        }
        // Nothing is waited for from here on.
        let held = entries[environment.name]?.held
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) where name != environment.name {
            for (theirs, isHeld) in [entry.held].compactMap({ $0 }).map({ ($0, true) })
                + entry.wanted.map({ ($0, false) })
            {
                let found = Self.conflicts(of: mine, with: theirs, drivers, prefix)
                guard !found.isEmpty else { continue }
                // Both have it, from before this was looked at: the first by name keeps it.
                if let held, !Self.conflicts(of: held, with: theirs, drivers, prefix).isEmpty,
                    !isHeld || environment.name < name
                {
                    continue
                }
                guard records.contains(where: { $0.name == name && isGone($0) }) else { return found }
                return found.map { problem in
                    var problem = problem
                    problem.message +=
                        "; the folder of \(name) is no longer in git: if it was renamed, `reconcile forget \(name)` leaves all "
                        + "that it has to this one"
                    return problem
                }
            }
        }
        let before = isWayBack ? entries[environment.name]?.wanted ?? [] : []
        entries[environment.name, default: Entry()].wanted = before + [mine]
        return []
    }

    /// It is as this input says, and if that is what it was allowed last, what else it had is gone.
    func settle(_ name: String, at input: Digest?) {
        guard let wanted = entries[name]?.wanted.first, wanted.input == input else { return }
        entries[name] = Entry(held: wanted)
    }

    /// It is no longer watched.
    func forget(_ name: String) { entries[name] = nil }

    private static func claim(_ name: String, _ input: Digest?, _ store: Store?) async throws(StoreError) -> Claim? {
        guard let input, let stored = try await store?.input(name, input) else { return nil }
        return Claim(stored.desired)
    }

    private static func conflicts(
        of mine: Claim, with theirs: Claim, _ drivers: [DriverDescription], _ prefix: String
    ) -> [Problem] {
        let common = mine.places.intersection(theirs.places)
        guard !common.isEmpty else { return [] }
        return HostClaims.problems(
            of: mine.environment, after: theirs.environment, among: common, drivers: drivers, prefix: prefix)
    }
}
