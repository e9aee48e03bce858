/// One way to call a command.
package struct Example: Sendable {
    /// What is typed.
    package var line: String
    /// What it is good for, without a full stop.
    package var meaning: String

    init(_ line: String, _ meaning: String) {
        self.line = line
        self.meaning = meaning
    }
}
