/// A key of a file, as the reference shows it.
package struct ReferenceKey: Hashable, Sendable {
    /// From the document's top: `smoke[].http`.
    package var name: String
    /// What may stand there, in words.
    package var type: String
    /// What holds where it is not written; nil where there is nothing to say.
    package var fallback: String?
    /// Whether it must be written.
    package var isRequired: Bool
    /// Sentences; `code` and **weight** as in Markdown.
    package var meaning: String
}
