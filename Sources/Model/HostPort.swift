/// A host and a port: `host:80`, `127.0.0.1:80` or `[::1]:80`.
package struct HostPort: Hashable, Sendable {
    /// Without brackets.
    package var host: String
    /// 1 to 65535.
    package var port: Int

    /// Nil where a text is neither form.
    package init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = Int(port)
    }
}
