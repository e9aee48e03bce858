/// A place in a file; both parts count from 1.
package struct Place: Hashable, Sendable, Codable {
    /// The line.
    package var line: Int
    /// The column, in Unicode scalars.
    package var column: Int

    /// Both parts; without them the first character, which also stands for a whole file.
    package init(line: Int = 1, column: Int = 1) {
        self.line = line
        self.column = column
    }
}
