import Model

/// The name of an image: `[REGISTRY[:PORT]/]NAME[:TAG][@sha256:…]`.
struct ImageReference: Hashable, Sendable {
    /// Registry and name, as they were written.
    var repository: String
    var tag: String?
    /// `sha256:…`; what it names never moves.
    var digest: String?

    /// Nil where it is none.
    init?(_ text: String) {
        guard text.utf8.count <= 512, text.utf8.allSatisfy(ImageReference.isAllowed) else { return nil }
        var rest = Substring(text)
        if let at = rest.firstIndex(of: "@") {
            let digest = rest[rest.index(after: at)...]
            guard digest.hasPrefix("sha256:"), digest.count == 71,
                digest.dropFirst(7).allSatisfy({ $0.isHexDigit && !$0.isUppercase })
            else { return nil }
            self.digest = String(digest)
            rest = rest[..<at]
        }
        let start = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
        if let colon = rest[start...].firstIndex(of: ":") {
            let tag = rest[rest.index(after: colon)...]
            guard !tag.isEmpty, tag.count <= 128, !tag.contains(":"), let first = tag.first,
                first != "-", first != "."
            else { return nil }
            self.tag = String(tag)
            rest = rest[..<colon]
        }
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            guard let first = part.first, first.isLetter || first.isNumber || first == "[" else { return nil }
            let isRegistry =
                index == 0 && parts.count > 1 && (part.contains(".") || part.contains(":") || part == "localhost")
            if !isRegistry, part.contains(where: { $0.isUppercase || $0 == ":" || $0 == "[" }) { return nil }
        }
        repository = String(rest)
    }

    /// The whole name.
    var text: String { repository + (tag.map { ":" + $0 } ?? "") + (digest.map { "@" + $0 } ?? "") }

    /// The same image of that digest, and only that.
    func at(_ digest: String) -> ImageReference {
        var other = self
        other.tag = nil
        other.digest = digest
        return other
    }

    /// For people.
    var shown: String { VisibleText.line(text, limit: 200) }

    /// The registry's name; nil for Docker's own, which has several.
    var registry: String? {
        let first = repository.prefix { $0 != "/" }
        guard first.count < repository.count, !["docker.io", "index.docker.io"].contains(first) else { return nil }
        return first.contains(".") || first.contains(":") || first == "localhost" ? String(first) : nil
    }

    /// Registry and name in the one way that all others mean: `docker.io/library/busybox` for `busybox`.
    private var canonical: String {
        if registry != nil { return repository }
        let parts = repository.split(separator: "/").map(String.init)
        let path = ["docker.io", "index.docker.io"].contains(parts[0]) ? Array(parts.dropFirst()) : parts
        return (["docker.io"] + (path.count == 1 ? ["library"] : []) + path).joined(separator: "/")
    }

    /// Its digest among the names by digest that an engine has for an image, however it writes them.
    func digest(among names: [String]) -> String? {
        names.lazy.compactMap { ImageReference($0) }.first { $0.canonical == canonical && $0.digest != nil }?.digest
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || "._-/:@[]".utf8.contains(byte)
    }
}
