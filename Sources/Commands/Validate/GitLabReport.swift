import Model

/// A Code Quality report of GitLab. See "Code Quality report format" in GitLab's documentation.
enum GitLabReport {
    static func text(_ remarks: [Remark]) -> String {
        var seen: [String: Int] = [:]
        return JSONText.of(
            .list(
                remarks.map { remark in
                    let path = Checkout.path(of: remark.problem.file)
                    let key = path + "\n" + remark.severity.rawValue + "\n" + withoutPlaces(remark.problem.message)
                    let number = seen[key, default: 0]
                    seen[key] = number + 1
                    return .map([
                        "description": .string(VisibleText.line(remark.problem.message, limit: .max)),
                        "check_name": .string("reconcile validate"),
                        "fingerprint": .string(Digest(ofText: "\(key)\n\(number)").hex),
                        "severity": .string(severity(remark.severity)),
                        "location": .map([
                            "path": .string(path), "lines": .map(["begin": .int(remark.problem.line)]),
                        ]),
                    ])
                }))
    }

    private static func severity(_ severity: Remark.Severity) -> String {
        switch severity {
        case .error: "major"
        case .warning: "minor"
        case .note: "info"
        }
    }

    /// GitLab tells old problems from new ones by their fingerprints, so what moves with the lines must not count. Two of
    /// the same kind in one file are told apart by their order.
    private static func withoutPlaces(_ message: String) -> String {
        message.replacing(#/(:\d+:\d+| line \d+)\b/#, with: "")
    }
}
