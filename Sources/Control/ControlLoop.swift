import Glibc
import Processes

/// What the server's thread does: any number of clients one after the other, some at once, none for long.
struct ControlLoop {
    /// How many clients are served together; more wait in the kernel's queue.
    static let maxClients = 32
    /// The longest line, in bytes.
    static let maxLine = 1024
    /// How long one client may take, in milliseconds.
    static let patience: Int64 = 2000

    private struct Client {
        var socket: Int32
        var line: [UInt8] = []
        var deadline: Int64
    }

    let listener: Int32
    let wake: Int32
    private var clients: [Client] = []

    init(listener: Int32, wake: Int32) {
        self.listener = listener
        self.wake = wake
    }

    /// Serves until the other end of `wake` is closed.
    mutating func run(_ take: (ControlMessage) -> Void) {
        defer { for client in clients { close(client.socket) } }
        while true {
            let now = Monotonic.now
            clients.removeAll { client in
                guard client.deadline <= now else { return false }
                ControlLoop.end(client, "error: too slow")
                return true
            }
            var polled = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
            polled += clients.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
            if clients.count < ControlLoop.maxClients {
                polled.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
            }
            let wait = clients.map { $0.deadline - now }.min().map { Int32(max(1, $0)) } ?? -1
            guard poll(&polled, nfds_t(polled.count), wait) > 0 else { continue }
            if polled[0].revents != 0 { return }
            let ready = Set(polled.dropFirst().filter { $0.revents != 0 }.map(\.fd))
            serve(ready, take)
            if ready.contains(listener) { welcome() }
        }
    }

    private mutating func welcome() {
        let socket = accept(listener, nil, nil)
        guard socket >= 0 else {
            // Out of descriptors: the client stays in the queue, and asking again at once would only burn the processor.
            if errno == EMFILE || errno == ENFILE { usleep(50_000) }
            return
        }
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        let client = Client(socket: socket, deadline: Monotonic.now + ControlLoop.patience)
        if ControlSocket.isTrusted(socket) {
            clients.append(client)
        } else {
            ControlLoop.end(client, "error: not your loop")
        }
    }

    private mutating func serve(_ ready: Set<Int32>, _ take: (ControlMessage) -> Void) {
        for index in clients.indices.reversed() where ready.contains(clients[index].socket) {
            if let answer = hear(&clients[index], take) { ControlLoop.end(clients.remove(at: index), answer) }
        }
    }

    /// The answer once there is one; nil while the line is not complete.
    private func hear(_ client: inout Client, _ take: (ControlMessage) -> Void) -> String? {
        var buffer = [UInt8](repeating: 0, count: ControlLoop.maxLine + 1)
        let count = recv(client.socket, &buffer, buffer.count, 0)
        if count < 0, errno == EAGAIN || errno == EINTR { return nil }
        guard count > 0 else { return "error: no line" }
        client.line += buffer.prefix(count)
        guard let end = client.line.firstIndex(of: UInt8(ascii: "\n")), end <= ControlLoop.maxLine else {
            return client.line.count > ControlLoop.maxLine ? "error: too long" : nil
        }
        guard let message = ControlMessage(rawValue: String(decoding: client.line[..<end], as: UTF8.self)) else {
            return "error: unknown message"
        }
        take(message)
        return "ok"
    }

    private static func end(_ client: Client, _ answer: String) {
        let line = Array((answer + "\n").utf8)
        send(client.socket, line, line.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        close(client.socket)
    }
}
