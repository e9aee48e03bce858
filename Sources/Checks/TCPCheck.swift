import Model
import NIOCore
import NIOPosix
import Processes

/// One connection to `host:port` or `[address]:port`: passes when it is accepted, and is closed at once.
struct TCPCheck {
    var address: String

    func verdict(_ network: Network, _ timeout: TimeSpan) async -> Verdict {
        let name = VisibleText.line(address, limit: 200)
        guard let (host, port) = parts else {
            return .fail("'\(name)' is no address to connect to; write host:port, or [address]:port for IPv6")
        }
        let threads = await network.threads
        let outcome = await Deadline.race(timeout) { () async throws -> Void in
            let channel = try await ClientBootstrap(group: threads)
                .connectTimeout(.milliseconds(timeout.milliseconds)).connect(host: host, port: port).get()
            channel.close(promise: nil)
        }
        switch outcome {
        case .done: return .pass
        case .failed(let error): return .fail("\(name): \(Reason.text(of: error, timeout))")
        case .late: return .fail("\(name): no connection within \(timeout)")
        case .cancelled: return .inconclusive("\(name): the check was cancelled")
        }
    }

    private var parts: (host: String, port: Int)? {
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]),
            port > 0
        else { return nil }
        var host = address[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        return host.isEmpty ? nil : (String(host), Int(port))
    }
}
