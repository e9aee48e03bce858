/// Something to be said of a place in a file, and how much it weighs.
package struct Remark: Hashable, Sendable, Comparable {
    /// How much it weighs, the heaviest first.
    package enum Severity: String, Sendable {
        /// The file cannot be used.
        case error
        /// It can be used, and does not do what one may expect.
        case warning
        /// Good to know.
        case note
    }

    /// How much it weighs.
    package var severity: Severity
    /// The place, and what there is to say.
    package var problem: Problem

    /// Both parts.
    package init(_ severity: Severity, _ problem: Problem) {
        self.severity = severity
        self.problem = problem
    }

    /// `file:line:column: severity: message`, the form editors and compilers know.
    package var diagnostic: String {
        "\(VisibleText.line(problem.file)):\(problem.line):\(problem.column): \(severity.rawValue): "
            + VisibleText.line(problem.message)
    }

    /// By place.
    package static func < (left: Remark, right: Remark) -> Bool { left.problem < right.problem }
}
