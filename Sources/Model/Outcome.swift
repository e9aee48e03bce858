/// How a pass over one environment ended.
package enum Outcome: String, Hashable, Sendable, Codable, CaseIterable {
    case planned, applied, held, failed, waiting, superseded, paused, error
    case inSync = "in-sync"
    case rolledBack = "rolled-back"

    /// The exit status of a pass that ended so: 0 as git says, 1 an error, 3 rolled back or held, 4 waiting.
    package var exitStatus: Int32 {
        switch self {
        case .inSync, .applied, .planned, .superseded: 0
        case .error, .failed: 1
        case .rolledBack, .held: 3
        case .waiting, .paused: 4
        }
    }

    /// The exit status of several: the first of 1, 3, 4, 0 that any of them has.
    package static func exitStatus(of outcomes: some Sequence<Outcome>) -> Int32 {
        let all = Set(outcomes.map(\.exitStatus))
        return [1, 3, 4].first(where: all.contains) ?? 0
    }
}
