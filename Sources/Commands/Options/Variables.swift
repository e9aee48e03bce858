import Model

/// The variables `RECONCILE_…` that stand for options: lower than an option, higher than the configuration.
struct Variables: Sendable {
    var all: [String: String]

    /// `--git-timeout` is `RECONCILE_GIT_TIMEOUT`.
    static func name(of option: String) -> String {
        "RECONCILE_" + String(option.drop { $0 == "-" }.map { $0 == "-" ? "_" : $0 }).uppercased()
    }

    /// The value for an option; an empty one counts as not given.
    func text(_ option: String) -> String? { all[Variables.name(of: option)].flatMap { $0.isEmpty ? nil : $0 } }

    /// Whether a flag is set by its variable. Throws for what is neither yes nor no.
    func flag(_ option: String) throws(CommandFailure) -> Bool {
        switch text(option)?.lowercased() {
        case nil, "0", "false", "no", "off": return false
        case "1", "true", "yes", "on": return true
        case let other?:
            throw .usage(
                "\(Variables.name(of: option)) is `\(VisibleText.line(other, limit: 40))`", advice: "write 1 or 0")
        }
    }

    /// One of the words of an enumeration, from the option or its variable. Throws for any other word; `also` are words that
    /// the caller understood and that the advice has to name.
    func word<T: RawRepresentable<String> & CaseIterable>(
        _ option: String, given: String?, otherwise: T, also: [String] = []
    ) throws(CommandFailure) -> T {
        guard let text = given ?? text(option) else { return otherwise }
        if let word = T(rawValue: text) { return word }
        let place = given == nil ? Variables.name(of: option) : option
        throw .usage(
            "\(place) cannot be `\(VisibleText.line(text, limit: 40))`",
            advice: "write one of \((T.allCases.map(\.rawValue) + also).joined(separator: ", "))")
    }
}
