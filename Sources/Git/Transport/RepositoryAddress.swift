import Model

/// Where a repository is, checked: a value that cannot be taken for an option or for another transport.
struct RepositoryAddress {
    enum Kind {
        /// A path on this machine.
        case local(path: String)
        /// `git://`, or `http(s)://`.
        case network(url: String, isHTTP: Bool)
        /// `ssh://`, or `HOST:PATH`.
        case ssh(SSHAddress)
    }

    let kind: Kind
    /// Fit for messages; never with a password.
    let shown: String

    /// The repository's own name: the last part of the address, without `.git`.
    var name: String {
        var parts = shown.split { $0 == "/" || $0 == ":" }.map(String.init)
        if parts.last == ".git" { parts.removeLast() }
        let last = parts.last ?? ""
        return last.hasSuffix(".git") ? String(last.dropLast(4)) : last
    }

    /// Throws `.configuration` for what is no address.
    init(_ text: String) throws(SourceError) {
        let visible = VisibleText.line(text, limit: 300)
        func refuse(_ why: String) -> SourceError {
            SourceError(
                .configuration, "the repository address \(why)",
                advice: "give a path, HOST:PATH, or an ssh://, https://, http://, git:// or file:// address with --repo"
            )
        }
        guard !text.isEmpty else { throw refuse("is empty") }
        guard !text.hasPrefix("-") else { throw refuse("\"\(visible)\" begins with a dash") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw refuse("\"\(visible)\" holds control characters")
        }
        guard let (scheme, rest) = RepositoryAddress.split(text) else {
            let head = text.prefix { $0 != "/" }
            shown = visible
            guard head.contains(":") else {
                kind = .local(path: text)
                return
            }
            guard let address = SSHAddress(short: text) else {
                throw refuse("\"\(visible)\" is no USER@HOST:PATH; a path with a colon is written ./PATH")
            }
            kind = .ssh(address)
            return
        }
        switch scheme {
        case "file":
            let path = rest.hasPrefix("localhost/") ? String(rest.dropFirst(9)) : rest
            guard path.hasPrefix("/") else { throw refuse("\"\(visible)\" names another host") }
            guard let decoded = RepositoryAddress.decoded(path) else {
                throw refuse("\"\(visible)\" has an escape that means nothing")
            }
            kind = .local(path: decoded)
            shown = visible
        case "git", "http", "https":
            let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
            let host = parts.last ?? ""
            guard !host.isEmpty, !host.hasPrefix("-"), !host.hasPrefix(":") else { throw refuse("names no host") }
            guard parts.count == 1 else { throw RepositoryAddress.credentials(host) }
            guard !text.contains(" ") else { throw refuse("\"\(visible)\" holds a space") }
            kind = .network(url: text, isHTTP: scheme != "git")
            shown = visible
        case "ssh", "git+ssh", "ssh+git":
            let parts = rest.prefix { $0 != "/" }.split(separator: "@", omittingEmptySubsequences: false)
            guard parts.dropLast().allSatisfy({ !$0.contains(":") }) else {
                throw RepositoryAddress.credentials(parts.last ?? "")
            }
            guard let address = SSHAddress(url: rest) else {
                throw refuse("\"\(visible)\" is no ssh://USER@HOST:PORT/PATH of plain characters")
            }
            kind = .ssh(address)
            shown = visible
        default:
            throw refuse("\"\(visible)\" has an unknown transport")
        }
    }

    private static func credentials(_ host: Substring) -> SourceError {
        SourceError(
            .configuration, "the repository address of host \(VisibleText.line(String(host))) holds credentials",
            advice: "take them out of the address and set the user and the token instead")
    }

    private static func split(_ text: String) -> (scheme: String, rest: String)? {
        var rest = Substring(text)
        let scheme = rest.prefix { $0 != ":" && $0 != "/" }
        rest = rest.dropFirst(scheme.count)
        guard !scheme.isEmpty, rest.hasPrefix("://") else { return nil }
        return (scheme.lowercased(), String(rest.dropFirst(3)))
    }

    private static func decoded(_ path: String) -> String? {
        var bytes: [UInt8] = []
        var rest = path.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                value >= 0x20
            else { return nil }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
