import Model

/// Where a container engine listens.
enum EngineAddress: Hashable, Sendable, CustomStringConvertible {
    /// A socket on this machine, by its absolute path.
    case unix(String)
    /// A host and a port; with TLS where files for it are named.
    case tcp(HostPort)
    /// A socket on a host that is reached by the OpenSSH client.
    case ssh(SSHHop, socket: String)

    static let standard = EngineAddress.unix(standardSocket)
    private static let standardSocket = "/var/run/docker.sock"

    /// `unix:///PATH`, `tcp://HOST:PORT` or `ssh://[USER@]HOST[:PORT][/PATH]`; nil for anything else.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        if text.hasPrefix("unix:///") {
            self = .unix(String(text.dropFirst(7)))
        } else if text.hasPrefix("tcp://") {
            guard let place = HostPort(text.dropFirst(6)), EngineAddress.isHost(place.host) else { return nil }
            self = .tcp(place)
        } else if text.hasPrefix("ssh://") {
            var rest = text.dropFirst(6)
            var socket = EngineAddress.standardSocket
            if let slash = rest.firstIndex(of: "/") {
                if rest[slash...].count > 1 { socket = String(rest[slash...]) }
                rest = rest[..<slash]
            }
            guard let hop = SSHHop(rest), hop.isPlain, EngineAddress.isHost(hop.host), !socket.contains(":") else {
                return nil
            }
            self = .ssh(hop, socket: socket)
        } else {
            return nil
        }
    }

    var description: String {
        switch self {
        case .unix(let path): "unix://\(path)"
        case .tcp(let place): "tcp://\(EngineAddress.bracketed(place.host)):\(place.port)"
        case .ssh(let hop, let socket): "ssh://\(hop)" + (socket == EngineAddress.standardSocket ? "" : socket)
        }
    }

    /// The host that published ports are reached at; nil for this machine. Of ssh it is the name that it was called by.
    var host: String? {
        let host: String
        switch self {
        case .unix: return nil
        case .tcp(let place): host = place.host
        case .ssh(let hop, _): host = hop.host
        }
        return EngineAddress.isHere(host) ? nil : EngineAddress.bracketed(host)
    }

    /// Whether a host or an address is what only this machine itself reaches, its loopback.
    static func isHere(_ host: String) -> Bool {
        ["localhost", "::1"].contains(host) || host.hasPrefix("127.")
    }

    /// Where a port is reached from here that the engine published at an address of its host; nil where that is only its
    /// own loopback.
    func place(ofPublished address: String) -> String? {
        if ["", "0.0.0.0", "::"].contains(address) { return host ?? "127.0.0.1" }
        return host != nil && EngineAddress.isHere(address) ? nil : EngineAddress.bracketed(address)
    }

    private static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// What can be no option and needs no quoting.
    private static func isHost(_ text: String) -> Bool {
        !text.hasPrefix("-") && !text.hasPrefix(".")
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
            || text.contains(":") && text.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    }
}
