import DriverKit
import Model

extension Owner {
    /// Why a container is left alone; nil where it is ours, or nobody's: those of versions that named no owner.
    func refusal(of container: String, at engine: String, _ label: String?) -> String? {
        guard let label, !label.isEmpty, label != name, !others.contains(label) else { return nil }
        let start =
            "the container \(VisibleText.line(container, limit: 200)) at \(engine) is of another reconciler, "
            + "\(VisibleText.line(label, limit: 63)): where that one is at work, give this environment another name; "
        guard Names.isValid(label) else {
            return start + "where nobody needs it, remove the container: an owner of such a name cannot be taken over"
        }
        let all = named + [label]
        let written = all.count == 1 ? label : "[\(all.joined(separator: ", "))]"
        return start + "where its state folder was lost, or each run begins with an empty one as in CI, write "
            + "`owner: \(written)` in reconcile.yaml and leave it there: that takes over what it has"
    }
}
