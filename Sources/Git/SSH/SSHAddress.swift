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
        var rest = Substring(text)
        if let at = rest.lastIndex(of: "@") {
            let user = String(rest[..<at])
            guard SSHAddress.isName(user, also: "+~") else { return nil }
            self.user = user
            rest = rest[rest.index(after: at)...]
        }
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = String(rest.dropFirst()[..<end])
            guard SSHAddress.isName(host, also: ":"), host.contains(":") else { return nil }
            rest = rest[rest.index(after: end)...]
        } else {
            host = String(rest.prefix { $0 != ":" })
            guard SSHAddress.isName(host) else { return nil }
            rest = rest.dropFirst(host.count)
        }
        path = ""
        guard !rest.isEmpty else { return }
        guard rest.hasPrefix(":") else { return nil }
        rest = rest.dropFirst()
        if rest.isEmpty { return }
        guard rest.allSatisfy(\.isWholeNumber), let port = Int(rest), 1...65_535 ~= port else { return nil }
        self.port = port == 22 ? nil : port
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
