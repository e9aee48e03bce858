import History
import Model
import Processes

/// What keeps an environment from being brought to what git says, and what ends that.
extension EnvironmentReconciler {
    func hold(_ kind: Hold.Kind, reason: String, input: Digest, target: Digest?) {
        let end = "; held until its input changes or `reconcile resume \(name)`"
        record.hold = Hold(
            input: input, kind: kind, reason: reason + end, since: WallClock.now(), target: target)
    }

    /// Keeps the environment at a target that a person chose, newer commits or not.
    func pin(_ target: Desired) {
        record.hold = Hold(
            input: record.input?.id, kind: .pinned,
            reason: "pinned by hand to \(target.commit.prefix(10)) until `reconcile resume \(name)`",
            since: WallClock.now(), target: target.input.id)
    }

    /// Whether a newer input ends a hold. A person's pin outlives every commit.
    func isOutlived(_ hold: Hold, by desired: Desired) -> Bool {
        hold.kind != .pinned && hold.input != desired.input.id
    }

    func endHold(ifOutlivedBy desired: Desired) {
        guard let hold = record.hold, isOutlived(hold, by: desired) else { return }
        record.hold = nil
        record.driftFailures = 0
    }
}
