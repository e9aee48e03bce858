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
    /// The tag by which a source that follows tags came to it: hostile text.
    package var tag: String?
    /// What there is to know of the fetch that brought it, such as a tag that moved; a sentence each.
    package var notes: [String] = []
    /// What spoke to the server in the fetch that brought it, and why: `fetched by libgit2`. Nil where no server was asked.
    package var transport: String?

    /// All parts of one commit.
    package init(
        commit: String, author: String, subject: String, committedAt: Timestamp, tag: String? = nil,
        notes: [String] = []
    ) {
        self.commit = commit
        self.author = author
        self.subject = subject
        self.committedAt = committedAt
        self.tag = tag
        self.notes = notes
    }

    /// What the record of what it leads to says of it.
    package var recordedNotes: [String] { notes + [transport].compactMap { $0 } }
    /// The first ten digits of the commit, for people.
    package var short: String { String(commit.prefix(10)) }
    /// The tag, where there is one, and the first ten digits of the commit, for people: hostile text.
    package var shown: String { tag.map { "\($0) (\(short))" } ?? short }
}
