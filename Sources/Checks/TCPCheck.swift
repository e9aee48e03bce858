import Model
import NIOCore
import NIOPosix
import Processes

/// One connection to `host:port` or `[address]:port`: passes when it is accepted, and is closed at once.
struct TCPCheck {
    var address: String

    func verdict(_ network: Network, _ timeout: TimeSpan) async -> Verdict {
        let name = VisibleText.line(address, limit: 200)
        guard let place = HostPort(address) else {
            return .fail("'\(name)' is no address to connect to; write host:port, or [address]:port for IPv6")
        }
        let threads = await network.threads
        let outcome = await Deadline.race(timeout) { () async throws -> Void in
            let channel = try await ClientBootstrap(group: threads)
                .connectTimeout(.milliseconds(timeout.milliseconds)).connect(host: place.host, port: place.port).get()
            channel.close(promise: nil)
        }
        switch outcome {
        case .done: return .pass
        case .failed(let error): return .fail("\(name): \(Reason.text(of: error, timeout))")
        case .late: return .fail("\(name): no connection within \(timeout)")
        case .cancelled: return .inconclusive("\(name): the check was cancelled")
        }
    }
}
