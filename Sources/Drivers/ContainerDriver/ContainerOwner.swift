import Model

/// Whose containers a reconciler works with, where several of them use one engine.
package struct ContainerOwner: Sendable {
    /// What new containers carry as their owner.
    package let name: String
    /// Whose containers are ours, too.
    package let others: [String]
    /// What the configuration says.
    private let named: [String]

    /// `state` is the id of the state folder, nil where there is none yet. Of what the configuration has `named`, the first
    /// labels what is new, and the others are taken over.
    package init(state: String?, named: [String]) {
        self.named = named
        let all = named + [state].compactMap(\.self)
        let name = all.first ?? ""
        self.name = name
        others = all.filter { $0 != name }
    }

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
