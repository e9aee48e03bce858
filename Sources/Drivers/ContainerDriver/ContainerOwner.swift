import Model

/// Whose containers a reconciler works with, where several of them use one engine.
package struct ContainerOwner: Sendable {
    /// What new containers carry as their owner.
    package let name: String
    /// The state folder's own id, which older containers may carry.
    private let state: String?

    /// `state` is the id of the state folder, nil where there is none yet; `named` is what the configuration says.
    package init(state: String?, named: String?) {
        self.state = state
        name = named ?? state ?? ""
    }

    /// Why a container is left alone; nil where it is ours, or nobody's: those of versions that named no owner.
    func refusal(of container: String, at engine: String, _ label: String?) -> String? {
        guard let label, !label.isEmpty, label != name, label != state else { return nil }
        let other = VisibleText.line(label, limit: 63)
        return
            "the container \(VisibleText.line(container, limit: 200)) at \(engine) is of another reconciler, \(other): "
            + "give this environment another name; or, where that one is gone, take over what it has by `owner: \(other)` "
            + "in reconcile.yaml"
    }
}
