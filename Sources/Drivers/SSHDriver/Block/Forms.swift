import Model

extension TextForm {
    /// A path on a host as it is used.
    static let hostPath = TextForm(
        name: "an absolute path", pattern: #"^/(?!(.*/)?\.\.?(/|$)).+$"#, example: "/etc/web/web.conf"
    ) { path in
        path.hasPrefix("/") && path.utf8.count > 1 && path.utf8.count < 4000 && !path.hasSuffix("/")
            && !path.contains("//")
            && !path.split(separator: "/").contains { $0 == ".." || $0 == "." }
            && path.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }

    /// A path on a host as it is written, perhaps with variables.
    static let writtenPath = TextForm(
        name: "an absolute path, perhaps with variables", pattern: #"^(/|\{\{).+$"#, example: "/etc/web/web.conf"
    ) { path in
        (path.hasPrefix("/") || path.hasPrefix("{{")) && path.utf8.count > 1
            && path.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }

    static let mode = TextForm(
        name: "permission bits in octal, such as 0644", pattern: "^[0-7]{3,4}$", example: "0644"
    ) { text in (3...4).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x37).contains($0) } }

    /// Of users, groups and packages.
    static let ownerName = TextForm(
        name: "the name or number of a user or group", pattern: #"^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$"#,
        example: "www-data"
    ) { text in
        guard let first = text.utf8.first, isWord(first) || first == UInt8(ascii: "_") else { return false }
        return text.utf8.allSatisfy { isWord($0) || "_.@-$".utf8.contains($0) }
    }

    static let packageName = TextForm(
        name: "the name of a package", pattern: "^[a-z0-9][a-z0-9+.-]*$", example: "nginx"
    ) { text in
        guard let first = text.utf8.first, isWord(first) else { return false }
        return text.utf8.allSatisfy { (isWord($0) && !(0x41...0x5A).contains($0)) || "+.-".utf8.contains($0) }
    }

    static let packageVersion = TextForm(
        name: "a version, perhaps with a `*` at its end", pattern: #"^[A-Za-z0-9][A-Za-z0-9.+:~-]*\*?$"#,
        example: "1.22.1-9*"
    ) { text in
        let version = text.hasSuffix("*") ? text.dropLast() : Substring(text)
        guard let first = version.utf8.first, isWord(first) else { return false }
        return version.utf8.allSatisfy { isWord($0) || ".+:~-".utf8.contains($0) }
    }

    static let unitName = TextForm(
        name: "the name of a unit with its kind, such as web.service",
        pattern: #"^[A-Za-z0-9_@:.\\-]+\.(service|socket|timer|path|target|mount|slice)$"#, example: "web.service"
    ) { text in
        guard let dot = text.lastIndex(of: "."), !text.hasPrefix("-"), !text.hasPrefix(".") else { return false }
        return ["service", "socket", "timer", "path", "target", "mount", "slice"].contains(
            text[text.index(after: dot)...])
            && text.utf8.allSatisfy { isWord($0) || "_@:.\\-".utf8.contains($0) }
    }

    static let checksum = TextForm(
        name: "a SHA-256 of 64 hex digits", pattern: "^[0-9a-fA-F]{64}$", example: String(repeating: "0", count: 64)
    ) { text in text.utf8.count == 64 && text.allSatisfy(\.isHexDigit) }

    static let webAddress = TextForm(
        name: "an address that begins with http:// or https://", pattern: "^https?://.+$",
        example: "https://example.org/web.tar.gz"
    ) { text in
        (text.hasPrefix("http://") || text.hasPrefix("https://")) && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    /// Of commands.
    static let plainName = TextForm(
        name: "a name of letters, digits and `_.-`", pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]*$", example: "migrate"
    ) { text in
        guard let first = text.utf8.first, isWord(first) else { return false }
        return text.utf8.allSatisfy { isWord($0) || "_.-".utf8.contains($0) }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
