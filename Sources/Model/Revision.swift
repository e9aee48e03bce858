/// One commit of the source.
package struct Revision: Hashable, Sendable, Codable {
    /// The object id, 40 hex digits.
    package var commit: String
    /// Name and address of the author as the commit has them: hostile text.
    package var author: String
    /// The first line of the message, at most 500 characters: hostile text.
    package var subject: String
    /// When it was committed.
    package var committedAt: Timestamp

    /// All parts of one commit.
    package init(commit: String, author: String, subject: String, committedAt: Timestamp) {
        self.commit = commit
        self.author = author
        self.subject = subject
        self.committedAt = committedAt
    }

    /// The first ten digits of the commit, for people.
    package var short: String { String(commit.prefix(10)) }
}
