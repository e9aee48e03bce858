import Model

/// A key that was accepted and is not acted on, or that restrains.
struct Notice: Hashable, Sendable {
    /// Dotted: `rollout.steps`.
    var path: String
    var place: Place
    var restrains: Bool
    /// What happens instead, for a value that is not acted on as written.
    var detail: String?
    /// What its driver says of it, whole.
    var sentence: String?

    /// `staging/web.yaml:4: `traffic` is not acted on yet`.
    func note(in file: String) -> String {
        let line = "\(VisibleText.line(file)):\(place.line):"
        if let sentence { return "\(line) \(sentence)" }
        let start = "\(line) `\(path)`"
        return detail.map { "\(start): \($0)" } ?? "\(start) is not acted on yet"
    }

    func restraint(in file: String) -> Restraint {
        Restraint(
            key: path,
            reason: "\(VisibleText.line(file)):\(place.line): `\(path)` restrains this environment and cannot be "
                + "checked by this version, so nothing is done until it is removed")
    }
}

extension Notice {
    func dropping(prefix: String) -> Notice {
        var notice = self
        if path.hasPrefix(prefix) { notice.path = String(path.dropFirst(prefix.count)) }
        return notice
    }
}
