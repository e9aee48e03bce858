/// A form that a string of a manifest must have, such as an absolute path.
package struct TextForm: Sendable {
    /// What a value must be, for messages and for the reference: `an absolute path`.
    package var name: String
    /// The same as a regular expression of ECMAScript, for editors; it may allow more.
    package var pattern: String
    /// A value that has the form.
    package var example: String
    /// Whether a value has it.
    package var holds: @Sendable (String) -> Bool

    /// All parts.
    package init(
        name: String, pattern: String, example: String, holds: @escaping @Sendable (String) -> Bool
    ) {
        self.name = name
        self.pattern = pattern
        self.example = example
        self.holds = holds
    }
}
