import CLibGit2
import FoundationEssentials
import Glibc

/// What can be told of a private key's file without opening the key.
struct PrivateKeyFile {
    let path: String
    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, …; nil where the file does not show it.
    let type: String?
    let isEncrypted: Bool

    struct Unusable: Error {
        /// The end of a sentence that begins with the file's name.
        var reason: String
        var advice: String
    }

    init(_ path: String) throws(Unusable) {
        self.path = path
        let bytes: [UInt8]
        do throws(SmallFile.Unreadable) {
            bytes = try SmallFile.read(path, limit: 65_536)
        } catch {
            throw Unusable(
                reason: "cannot be read: \(error.reason)", advice: "put the key there and let this user read it")
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o077 != 0 {
            throw Unusable(reason: "can be read by others", advice: "run `chmod 600` on it; ssh refuses such keys")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if let (type, isEncrypted) = PrivateKeyFile.modern(text) {
            self.type = type
            self.isEncrypted = isEncrypted
        } else if text.contains("PRIVATE KEY-----") {
            let kinds = ["BEGIN RSA PRIVATE": "ssh-rsa", "BEGIN EC PRIVATE": "ecdsa-sha2-nistp256"]
            type = kinds.first { text.contains($0.key) }?.value
            isEncrypted = text.contains("ENCRYPTED")
        } else {
            throw Unusable(reason: "holds no private key", advice: "name the key itself, not its .pub file")
        }
    }

    /// OpenSSH's own format shows its public part; PROTOCOL.key in OpenSSH's sources.
    private static func modern(_ text: String) -> (type: String, isEncrypted: Bool)? {
        let lines = text.split(whereSeparator: \.isNewline)
        guard let start = lines.firstIndex(where: { $0.contains("BEGIN OPENSSH PRIVATE KEY") }),
            let end = lines.firstIndex(where: { $0.contains("END OPENSSH PRIVATE KEY") }), start < end,
            let data = Data(base64Encoded: lines[(start + 1)..<end].joined()),
            data.starts(with: Array("openssh-key-v1\0".utf8))
        else { return nil }
        var wire = SSHWire(data.dropFirst(15))
        guard let cipher = wire.text(), wire.bytes() != nil, wire.bytes() != nil, let count = wire.number(), count > 0,
            let key = wire.bytes(), let type = SSHWire.type(ofKey: key)
        else { return nil }
        return (type, cipher != "none")
    }
}
