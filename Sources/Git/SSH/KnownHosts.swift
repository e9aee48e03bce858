import Crypto
import FoundationEssentials

/// The host keys that are believed, as OpenSSH's `known_hosts` files list them: names and patterns, hashed names,
/// `@cert-authority` and `@revoked`. See sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
struct KnownHosts {
    /// What the files say of a key that a host showed.
    enum Verdict: Equatable {
        case known
        /// It has another key of this type there.
        case changed
        /// Only keys of other types are listed.
        case otherTypes
        case unknown
        case revoked
    }

    private struct Line {
        enum Mark { case none, authority, revoked }
        var mark: Mark
        var names: [Substring]
        var type: Substring
        var key: Substring
    }

    private let lines: [Line]

    /// Reads the files that are there. Throws for one that is there and cannot be read.
    init(files: [String]) throws(SmallFile.Unreadable) {
        var text = ""
        for file in files {
            do throws(SmallFile.Unreadable) {
                text += String(decoding: try SmallFile.read(file, limit: 16 << 20), as: UTF8.self) + "\n"
            } catch {
                if !error.isMissing { throw error }
            }
        }
        self.init(text)
    }

    init(_ text: String) {
        lines = text.split(whereSeparator: \.isNewline).compactMap { line in
            var parts = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let first = parts.first, !first.hasPrefix("#") else { return nil }
            var mark = Line.Mark.none
            if first.hasPrefix("@") {
                guard first == "@cert-authority" || first == "@revoked" else { return nil }
                mark = first == "@revoked" ? .revoked : .authority
                parts.removeFirst()
            }
            guard parts.count >= 3 else { return nil }
            return Line(mark: mark, names: parts[0].split(separator: ","), type: parts[1], key: parts[2])
        }
    }

    /// Whether anything is listed by which this host could be believed.
    func mentions(_ address: SSHAddress) -> Bool { !entries(address).isEmpty }

    /// Whether an authority vouches for this host.
    func hasAuthority(for address: SSHAddress) -> Bool { entries(address).contains { $0.mark == .authority } }

    /// What to make of a host's key.
    func verdict(on key: [UInt8], of address: SSHAddress) -> Verdict {
        let encoded = Data(key).base64EncodedString()
        let type = SSHWire.type(ofKey: key) ?? ""
        // A key that was revoked for this host under either of its names stays so.
        let revoked = lines.filter { $0.mark == .revoked }
        for name in [address.hostName, address.host]
        where revoked.contains(where: { $0.key == encoded && matches($0, name) }) {
            return .revoked
        }
        let plain = entries(address).filter { $0.mark == .none }
        if plain.contains(where: { $0.key == encoded && $0.type == type }) { return .known }
        if plain.contains(where: { $0.type == type }) { return .changed }
        return plain.isEmpty ? .unknown : .otherTypes
    }

    /// The lines for a host with its port or, where there are none, without it, as ssh does.
    private func entries(_ address: SSHAddress) -> [Line] {
        let lines = lines.filter { $0.mark != .revoked }
        let exact = lines.filter { matches($0, address.hostName) }
        return exact.isEmpty ? lines.filter { matches($0, address.host) } : exact
    }

    private func matches(_ line: Line, _ name: String) -> Bool {
        let name = name.lowercased()
        var isMatch = false
        for pattern in line.names {
            if pattern.hasPrefix("|1|") {
                if isHash(pattern, of: name) { isMatch = true }
            } else if pattern.hasPrefix("!") {
                if KnownHosts.matches(pattern.dropFirst().lowercased(), name) { return false }
            } else if KnownHosts.matches(pattern.lowercased(), name) {
                isMatch = true
            }
        }
        return isMatch
    }

    private func isHash(_ pattern: Substring, of name: String) -> Bool {
        let parts = pattern.dropFirst(3).split(separator: "|")
        guard parts.count == 2, let salt = Data(base64Encoded: String(parts[0])),
            let hash = Data(base64Encoded: String(parts[1]))
        else { return false }
        return HMAC<Insecure.SHA1>.isValidAuthenticationCode(
            hash, authenticating: Data(name.utf8), using: SymmetricKey(data: salt))
    }

    /// `*` stands for any characters and `?` for one.
    static func matches(_ pattern: String, _ name: String) -> Bool {
        let (pattern, name) = (Array(pattern.utf8), Array(name.utf8))
        var (at, place) = (0, 0)
        var star: (pattern: Int, name: Int)?
        while place < name.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = (at, place)
                at += 1
            } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") || pattern[at] == name[place] {
                at += 1
                place += 1
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                (at, place) = (last.pattern + 1, last.name + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
