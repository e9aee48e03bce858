import Model

/// Who and where on an ssh server, checked: no part can be taken for an option, and none means anything to a shell.
struct SSHAddress: Codable, Equatable {
    var user: String?
    /// A name or an address, without brackets.
    var host: String
    /// Nil for 22.
    var port: Int?
    /// As the server gets it: absolute, or relative to the user's folder; empty for a host that only leads elsewhere.
    var path: String
    /// Whether it is written `HOST:PATH`.
    var isShort = false

    /// Reads what stands after `ssh://`: `[USER@]HOST[:PORT]/PATH`. Nil for what cannot be used.
    init?(url rest: String) {
        let place = rest.prefix { $0 != "/" }
        self.init(host: String(place))
        path = String(rest.dropFirst(place.count))
        guard path.count > 1, SSHAddress.isPath(path) else { return nil }
    }

    /// Reads `[USER@]HOST:PATH`. Nil for what cannot be used.
    init?(short text: String) {
        let name = text.prefix { $0 != "[" && $0 != ":" }
        var rest = text.dropFirst(name.count)
        var host = name
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = text[..<rest.index(after: end)]
            rest = rest[rest.index(after: end)...]
        }
        guard rest.hasPrefix(":") else { return nil }
        self.init(host: String(host))
        guard port == nil else { return nil }
        path = String(rest.dropFirst())
        isShort = true
        // Git takes NAME:: for a program of that name.
        guard !path.isEmpty, !path.hasPrefix("-"), !path.hasPrefix(":"), SSHAddress.isPath(path) else { return nil }
    }

    /// Reads `[USER@]HOST[:PORT]`, a host that leads elsewhere. Nil for what cannot be used.
    init?(host text: String) {
        // An empty port is none.
        guard let hop = SSHHop(text.hasSuffix(":") ? String(text.dropLast()) : text),
            hop.user.map({ SSHAddress.isName($0, also: "+~") }) ?? true,
            SSHAddress.isName(hop.host, also: hop.host.contains(":") ? ":" : "")
        else { return nil }
        user = hop.user
        host = hop.host
        port = hop.port == 22 ? nil : hop.port
        path = ""
    }

    /// What a transport is given.
    func url(user: String) -> String {
        let host = host.contains(":") ? "[\(host)]" : host
        if isShort { return "\(user)@\(host):\(path)" }
        return "ssh://\(user)@\(host)\(port.map { ":\($0)" } ?? "")\(path)"
    }

    /// What a file of known hosts calls it.
    var hostName: String { port.map { "[\(host)]:\($0)" } ?? host }

    private static func isName(_ text: String, also: String = "") -> Bool {
        !text.isEmpty && !text.hasPrefix("-")
            && text.unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                    || "._-".unicodeScalars.contains($0) || also.unicodeScalars.contains($0)
            }
    }

    /// Escapes such as `%20` are the server's or the transport's to read; what they stand for may mean nothing either.
    private static func isPath(_ text: String) -> Bool {
        func isPlain(_ scalar: Unicode.Scalar) -> Bool {
            scalar.value >= 0x20 && scalar.value != 0x7F && !"'\"\\`$".unicodeScalars.contains(scalar)
        }
        let parts = text.split(separator: "%", omittingEmptySubsequences: false)
        return text.unicodeScalars.allSatisfy { isPlain($0) && $0 != " " }
            && parts.dropFirst().allSatisfy { part in
                let code = part.prefix(2)
                guard code.count == 2, code.allSatisfy(\.isHexDigit), let byte = UInt8(code, radix: 16) else {
                    return false
                }
                return isPlain(Unicode.Scalar(byte))
            }
    }
}
