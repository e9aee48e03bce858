/// A status that a command ends with.
package struct ExitMeaning: Sendable {
    /// What the shell sees.
    package var status: Int32
    /// What it says, without a full stop.
    package var meaning: String

    init(_ status: Int32, _ meaning: String) {
        self.status = status
        self.meaning = meaning
    }

    static let usual = [ExitMeaning(0, "done"), ExitMeaning(1, "could not be done"), wrongUsage]
    static let wrongUsage = ExitMeaning(64, "wrong usage")
}
