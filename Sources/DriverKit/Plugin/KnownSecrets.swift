import Model
import Processes

/// Every secret that a plugin's process was ever given: whatever it says later, about whichever request, is redacted by all.
struct KnownSecrets {
    private var known: [[UInt8]: Secret] = [:]
    private(set) var redactor = Redactor([])
    /// Set once it said one of them.
    private let wereSaid: Flag

    init(wereSaid: Flag) { self.wereSaid = wereSaid }

    var isEmpty: Bool { known.isEmpty }

    mutating func add(_ secrets: some Sequence<Secret>) {
        let before = known.count
        for secret in secrets { secret.withBytes { known[$0] = secret } }
        if known.count > before { redactor = Redactor(known.values) }
    }

    /// What it said, without any of them.
    func redact(_ text: String) -> String {
        guard !isEmpty else { return text }
        let redacted = redactor.redact(text)
        if redacted != text { wereSaid.set() }
        return redacted
    }
}
