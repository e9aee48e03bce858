import Glibc

/// The socket's file, reached through a descriptor of its folder: a path may be longer than the 107 bytes that an
/// address can hold, and the folder cannot be swapped between two calls.
struct ControlSocket: ~Copyable {
    static let name = "control.sock"

    private let folder: Int32
    /// The state folder, for messages.
    let state: String

    init(state: String) throws(ControlError) {
        self.state = state
        folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else {
            throw ControlError(
                "the state folder \(state) cannot be opened (\(String(cString: strerror(errno))))",
                advice: "give the loop's state folder with --state")
        }
    }

    deinit { close(folder) }

    /// A socket of ours, not connected.
    static func make(_ flags: Int32 = 0) -> Int32 {
        socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | flags, 0)
    }

    /// Binds and listens. The file is its owner's alone from the moment it exists: the kernel makes it with the mode of
    /// the unbound socket. What an earlier loop left is removed first.
    func listen(_ socket: Int32) -> Bool {
        remove()
        guard fchmod(socket, 0o600) == 0 else { return false }
        return withAddress { bind(socket, $0, $1) } == 0 && Glibc.listen(socket, 64) == 0
    }

    func connect(_ socket: Int32) -> Bool { withAddress { Glibc.connect(socket, $0, $1) } == 0 }

    func remove() { unlinkat(folder, ControlSocket.name, 0) }

    private func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) {
            $0.copyBytes(from: "/proc/self/fd/\(folder)/\(ControlSocket.name)".utf8)
        }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Whether whoever is at the other end may speak to us: the same user, or root.
    static func isTrusted(_ connection: Int32) -> Bool {
        // struct ucred of unix(7): process, user, group.
        var peer: (process: UInt32, user: UInt32, group: UInt32) = (0, .max, .max)
        var length = socklen_t(MemoryLayout.size(ofValue: peer))
        guard getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 else { return false }
        return peer.user == 0 || peer.user == geteuid()
    }
}
