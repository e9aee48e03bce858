/// Where a container engine listens.
enum EngineAddress: Hashable, Sendable, CustomStringConvertible {
    /// A socket on this machine, by its absolute path.
    case unix(String)
    /// A host and a port; with TLS where files for it are named.
    case tcp(host: String, port: Int)
    /// A socket on a host that is reached by the OpenSSH client.
    case ssh(user: String?, host: String, port: Int?, socket: String)

    static let standard = EngineAddress.unix(standardSocket)
    private static let standardSocket = "/var/run/docker.sock"

    /// `unix:///PATH`, `tcp://HOST:PORT` or `ssh://[USER@]HOST[:PORT][/PATH]`; nil for anything else.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        if text.hasPrefix("unix:///") {
            self = .unix(String(text.dropFirst(7)))
        } else if text.hasPrefix("tcp://") {
            guard let (host, port) = EngineAddress.place(text.dropFirst(6)), let port else { return nil }
            self = .tcp(host: host, port: port)
        } else if text.hasPrefix("ssh://") {
            var rest = text.dropFirst(6)
            var socket = EngineAddress.standardSocket
            if let slash = rest.firstIndex(of: "/") {
                if rest[slash...].count > 1 { socket = String(rest[slash...]) }
                rest = rest[..<slash]
            }
            var user: String?
            if let at = rest.lastIndex(of: "@") {
                user = String(rest[..<at])
                rest = rest[rest.index(after: at)...]
            }
            guard let (host, port) = EngineAddress.place(rest), user.map(EngineAddress.isPlain) ?? true,
                !socket.contains(":")
            else { return nil }
            self = .ssh(user: user, host: host, port: port, socket: socket)
        } else {
            return nil
        }
    }

    var description: String {
        switch self {
        case .unix(let path): "unix://\(path)"
        case .tcp(let host, let port): "tcp://\(host):\(port)"
        case .ssh(let user, let host, let port, let socket):
            "ssh://" + (user.map { $0 + "@" } ?? "") + host + (port.map { ":\($0)" } ?? "")
                + (socket == EngineAddress.standardSocket ? "" : socket)
        }
    }

    /// The host that published ports are reached at; nil for this machine. Of ssh it is the name that it was called by.
    var host: String? {
        switch self {
        case .unix: nil
        case .tcp(let host, _), .ssh(_, let host, _, _): EngineAddress.isHere(host) ? nil : host
        }
    }

    /// Whether a host or an address is what only this machine itself reaches, its loopback.
    static func isHere(_ host: String) -> Bool {
        ["localhost", "::1", "[::1]"].contains(host) || host.hasPrefix("127.")
    }

    /// Where a port is reached from here that the engine published at an address of its host; nil where that is only its
    /// own loopback.
    func place(ofPublished address: String) -> String? {
        let inURL = address.contains(":") ? "[\(address)]" : address
        if ["", "0.0.0.0", "::"].contains(address) { return host ?? "127.0.0.1" }
        return host != nil && EngineAddress.isHere(address) ? nil : inURL
    }

    private static func place(_ text: Substring) -> (host: String, port: Int?)? {
        var (host, port) = (text, Int?.none)
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else { return nil }
            (host, port) = (text[..<colon], Int(number))
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard host.dropFirst().dropLast().allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                return nil
            }
        } else if !isPlain(String(host)) {
            return nil
        }
        return (String(host), port)
    }

    /// What can be no option and needs no quoting.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("-") && !text.hasPrefix(".")
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_") }
    }
}
