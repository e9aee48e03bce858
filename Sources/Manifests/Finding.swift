import Model

/// Something wrong at a place of one file, before it is known under which path the file stands.
struct Finding: Hashable, Sendable {
    var place: Place
    var message: String

    func problem(in file: String) -> Problem {
        Problem(file: file, line: place.line, column: place.column, message: message)
    }
}

/// Text of a file as it may stand in a message: short, on one line, nothing invisible.
func quoted(_ text: String) -> String { "`" + VisibleText.line(text, limit: 40) + "`" }

/// `: did you mean "replicas"?`, or nothing where no candidate is near.
func suggestion(for text: String, from candidates: some Sequence<String>) -> String {
    Names.nearest(to: text, in: candidates).map { ": did you mean \"\($0)\"?" } ?? ""
}
