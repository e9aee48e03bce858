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

    /// `` `traffic` is not acted on yet``.
    private var message: String {
        if let sentence { return sentence }
        if restrains {
            return "`\(path)` restrains this environment and cannot be checked by this version, so nothing is done "
                + "until it is removed"
        }
        return detail.map { "`\(path)`: \($0)" } ?? "`\(path)` is not acted on yet"
    }

    func remark(in file: String) -> Remark {
        Remark(
            restrains ? .warning : .note,
            Problem(file: file, line: place.line, column: place.column, message: message))
    }

    /// `staging/web.yaml:4: `traffic` is not acted on yet`.
    func note(in file: String) -> String { "\(VisibleText.line(file)):\(place.line): \(message)" }

    func restraint(in file: String) -> Restraint { Restraint(key: path, reason: note(in: file)) }
}

extension Notice {
    func dropping(prefix: String) -> Notice {
        var notice = self
        if path.hasPrefix(prefix) { notice.path = String(path.dropFirst(prefix.count)) }
        return notice
    }
}
