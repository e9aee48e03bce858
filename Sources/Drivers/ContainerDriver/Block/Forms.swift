import Model

extension TextForm {
    static let image = TextForm(
        name: "the name of an image such as registry.example/web:1.4.2",
        pattern: #"^[^\s]+$"#, example: "registry.example/web:1.4.2"
    ) { ImageReference($0) != nil }

    static let engine = TextForm(
        name: "the address of an engine: unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST",
        pattern: "^(unix:///|tcp://|ssh://).+$", example: "unix:///var/run/docker.sock"
    ) { EngineAddress($0) != nil }

    static let absolutePath = TextForm(
        name: "an absolute path", pattern: #"^/(?!(.*/)?\.\.(/|$))"#, example: "/var/lib/web"
    ) { path in
        path.hasPrefix("/") && !path.split(separator: "/").contains("..") && VisibleText.line(path, limit: .max) == path
    }

    /// Of volumes, networks and the like.
    static let engineName = TextForm(
        name: "a name of letters, digits and `_.-` that begins with a letter or digit",
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9_.-]*$", example: "web-data"
    ) { text in
        guard let first = text.utf8.first, text.utf8.count <= 128, isAlphanumeric(first) else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }

    static let capability = TextForm(
        name: "a capability such as NET_BIND_SERVICE, or ALL", pattern: "^[A-Z_]+$", example: "NET_BIND_SERVICE"
    ) { text in !text.isEmpty && text.utf8.allSatisfy { (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "_") } }

    static let signal = TextForm(
        name: "a signal such as SIGTERM", pattern: "^(SIG[A-Z0-9+-]+|[0-9]+)$", example: "SIGTERM"
    ) { text in
        let name = text.hasPrefix("SIG") ? text.dropFirst(3) : Substring(text)
        return !name.isEmpty && name.count <= 12
            && (text.hasPrefix("SIG")
                ? name.utf8.allSatisfy {
                    (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || "+-".utf8.contains($0)
                }
                : name.utf8.allSatisfy { (0x30...0x39).contains($0) })
    }

    static let address = TextForm(
        name: "an IP address", pattern: "^[0-9a-fA-F.:]+$", example: "127.0.0.1"
    ) { text in !text.isEmpty && text.utf8.count <= 45 && text.allSatisfy { $0.isHexDigit || $0 == "." || $0 == ":" } }

    static let extraHost = TextForm(
        name: "a name and its address, NAME:ADDRESS", pattern: "^[^:]+:.+$", example: "db:10.0.0.5"
    ) { text in
        guard let colon = text.firstIndex(of: ":") else { return false }
        return colon != text.startIndex && text.index(after: colon) != text.endIndex
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
