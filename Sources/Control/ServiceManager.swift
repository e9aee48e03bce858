import Glibc

/// Tells whoever started us, systemd for one, how far we are: the protocol of sd_notify(3), a datagram to the socket that
/// `NOTIFY_SOCKET` names.
package struct ServiceManager: Sendable {
    private let address: String
    /// How often it wants a sign of life, in microseconds; nil where it wants none.
    package let watchdog: Int64?

    /// Nil where nobody wants to be told. `environment` is ours.
    package init?(_ environment: [String: String]) {
        guard let address = environment["NOTIFY_SOCKET"], address.hasPrefix("/") || address.hasPrefix("@") else {
            return nil
        }
        self.address = address
        let isOurs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        watchdog = isOurs ? environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil } : nil
    }

    /// Sends lines such as `READY=1`. A manager that does not listen is its own affair: false then. Never waits.
    @discardableResult
    package func tell(_ text: String) -> Bool {
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        var name = Array(address.utf8)
        guard name.count < MemoryLayout.size(ofValue: place.sun_path) else { return false }
        // A name that begins with `@` is no file: the kernel marks those with a NUL in its place.
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2) + socklen_t(name.count)
        let socket = socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        let bytes = Array(text.utf8)
        return withUnsafePointer(to: place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length) == bytes.count
            }
        }
    }
}
