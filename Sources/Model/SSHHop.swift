/// A host as OpenSSH is told it: `HOST`, `USER@HOST`, `USER@HOST:PORT`, and an address of IPv6 in brackets.
package struct SSHHop: Hashable, Sendable {
    /// Nil where ssh's own configuration decides.
    package var user: String?
    /// A name, an alias or an address, without brackets.
    package var host: String
    /// 1 to 65535; nil where ssh's own configuration decides.
    package var port: Int?

    /// All parts.
    package init(user: String?, host: String, port: Int?) {
        self.user = user
        self.host = host
        self.port = port
    }

    /// Nil for what is none, or could be taken for an option. A user's name may hold an `@`.
    package init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        if let at = rest.lastIndex(of: "@") {
            let user = rest[..<at]
            guard !user.isEmpty, !user.hasPrefix("-"), user.unicodeScalars.allSatisfy(Self.isVisible) else {
                return nil
            }
            self.user = String(user)
            rest = rest[rest.index(after: at)...]
        }
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = String(rest[..<end].dropFirst())
            rest = rest[rest.index(after: end)...]
        } else {
            host = String(rest.prefix { $0 != ":" })
            rest = rest.dropFirst(host.count)
        }
        guard !host.isEmpty, !host.hasPrefix("-"),
            host.unicodeScalars.allSatisfy({ Self.isVisible($0) && !" []".unicodeScalars.contains($0) })
        else { return nil }
        guard !rest.isEmpty else { return }
        guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()), port > 0 else { return nil }
        self.port = Int(port)
    }

    /// Several with commas between them, the first that is reached first; nil where one of them is none.
    package static func way(_ text: String) -> [SSHHop]? {
        let texts = text.split(separator: ",", omittingEmptySubsequences: false)
        let hops = texts.compactMap { SSHHop($0) }
        return hops.count == texts.count ? hops : nil
    }

    /// Whether a manifest may name it.
    package var isPlain: Bool { (user.map(Self.isUser) ?? true) && Self.isHost(host) }

    /// Whether a manifest may have this as the name or the address of a host.
    package static func isHost(_ text: String) -> Bool { text.utf8.count <= 253 && isMade(text, of: "_:.%-") }

    /// Whether a manifest may have this as a user's name.
    package static func isUser(_ text: String) -> Bool {
        text.utf8.count <= 64
            && text.split(separator: "@", omittingEmptySubsequences: false).allSatisfy { isMade($0, of: "_.+-") }
    }

    /// What is not said is ssh's to decide.
    package var options: [String] { (user.map { ["-l", $0] } ?? []) + (port.map { ["-p", String($0)] } ?? []) }

    /// The arguments of ssh that name it, at the end of an argument list.
    package var arguments: [String] { options + ["--", host] }

    /// Letters, digits and these; nothing that could be an option or lead out of an argument.
    private static func isMade(_ text: some StringProtocol, of marks: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("-")
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || marks.utf8.contains(byte)
            }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && !(0x7F..<0xA0).contains(scalar.value)
    }
}

extension SSHHop: CustomStringConvertible {
    /// As it is written.
    package var description: String {
        (user.map { $0 + "@" } ?? "") + (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
    }
}
