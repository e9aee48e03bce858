/// Something wrong in a manifest, at its place.
package struct Problem: Hashable, Sendable, Codable, Comparable {
    /// Relative to the repository's root.
    package var file: String
    /// Counts from 1; a whole file is 1:1.
    package var line: Int
    /// Counts from 1.
    package var column: Int
    /// What is wrong and what to write instead. Never holds a file's content beyond the key or value in question.
    package var message: String

    /// All parts.
    package init(file: String, line: Int = 1, column: Int = 1, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `file:line:column: error: message`, the form editors and compilers know.
    package var diagnostic: String { Remark(.error, self).diagnostic }

    /// By file, line, column and message.
    package static func < (left: Problem, right: Problem) -> Bool {
        (left.file, left.line, left.column, left.message) < (right.file, right.line, right.column, right.message)
    }
}
