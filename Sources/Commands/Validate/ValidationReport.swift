import Model

/// What `validate` found: files are named as seen from the paths that were typed.
struct ValidationReport {
    var environments: [String] = []
    /// Each once, in the order of what was asked.
    private(set) var remarks: [Remark] = []
    /// The same, with files named from the root of their repository.
    private var known: Set<Remark> = []

    var errors: [Remark] { remarks.filter { $0.severity == .error } }

    /// Takes over what was not said already: a folder may be named twice, or with one above it.
    mutating func add(_ more: [Remark]) {
        for remark in more {
            var told = remark
            told.problem.file = Checkout.path(of: remark.problem.file)
            if known.insert(told).inserted { remarks.append(remark) }
        }
    }

    /// A line each; where people want to hear less, only of problems.
    func text(isQuiet: Bool) -> String {
        (isQuiet ? errors : remarks).map(\.diagnostic).joined(separator: "\n")
    }

    var json: Value {
        .map([
            "environments": .list(environments.map { .string($0) }),
            "problems": .list(errors.map { ReportJSON.value($0.problem) }),
            "remarks": .list(
                remarks.filter { $0.severity != .error }.map { remark in
                    var entry = ReportJSON.value(remark.problem).map
                    entry["severity"] = .string(remark.severity.rawValue)
                    return .map(entry)
                }),
        ])
    }

    var markdown: String {
        remarks.isEmpty ? "No problem.\n" : ReportMarkdown.list(remarks.map(\.diagnostic))
    }
}
