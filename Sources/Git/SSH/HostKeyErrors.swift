import Model

/// Why a host is not believed. None of these is a reason to try another transport.
struct HostKeyErrors {
    let files: [String]

    private var shownFiles: String { files.map { VisibleText.line($0) }.joined(separator: " or ") }

    /// No key of this host is listed.
    func unknown(_ host: String) -> SourceError {
        SourceError(
            .authentication,
            "the host key of \(VisibleText.line(host, limit: 200)) is not known: \(shownFiles) does not list it",
            advice: "read the host's key with ssh-keyscan, compare it with what its owner publishes, and add it there")
    }

    /// The host showed another key than the one that is listed.
    func changed(_ host: String, _ type: String?) -> SourceError {
        SourceError(
            .authentication,
            "the host key of \(VisibleText.line(host, limit: 200)) has changed and is refused: "
                + "\(shownFiles) has another \(type.map { "\($0) key" } ?? "key") for it",
            advice: "ask the host's owner; only if the new key is theirs, replace the old one there")
    }

    /// The host showed a key that is listed as revoked.
    func revoked(_ host: String) -> SourceError {
        SourceError(
            .authentication,
            "the host key of \(VisibleText.line(host, limit: 200)) is refused: \(shownFiles) lists it as revoked",
            advice: "ask the host's owner for the key that took its place")
    }

    /// A file of host keys that cannot be read.
    func unreadable(_ reason: String) -> SourceError {
        SourceError(
            .authentication, "the known host keys of \(shownFiles) cannot be read: \(reason)",
            advice: "let this user read that file")
    }
}
