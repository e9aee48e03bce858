import Model

/// An image as a plan means it: what its manifest says, and what that stood for when the plan was made.
struct PinnedImage: Sendable {
    /// As the manifest says it.
    let written: ImageReference
    /// The engine's own id of it, `sha256:…`, where it had it.
    let id: String?
    /// The registry's name of it, `REPOSITORY@sha256:…`, where that is known.
    let exact: ImageReference?

    init(_ written: ImageReference, pin: Value?) {
        self.written = written
        id = pin?["id"].string
        exact = pin?["digest"].string.map { written.at($0) } ?? (written.digest.map { written.at($0) })
    }

    /// What a container is made from.
    var text: String { id ?? exact?.text ?? written.text }

    /// What is pulled where the engine has it no more; nil where nothing else would be the same.
    var pulled: ImageReference? { exact ?? (id == nil ? written : nil) }

    /// The value that is kept with the plan.
    static func pin(id: String?, digest: String?) -> Value {
        .map(["id": id, "digest": digest].compactMapValues { $0.map(Value.string) })
    }
}
