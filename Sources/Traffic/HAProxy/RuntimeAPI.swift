import Checks
import Model
import NIOCore
import NIOPosix
import Processes

/// Speaks with HAProxy's runtime API: a line of commands, all answers, and the connection is over.
struct RuntimeAPI: Sendable {
    /// Where it listens.
    enum Place: Hashable, Sendable, CustomStringConvertible {
        case unix(String)
        case tcp(host: String, port: Int)

        var description: String {
            switch self {
            case .unix(let path): VisibleText.line(path, limit: 200)
            case .tcp(let host, let port): VisibleText.line(host, limit: 200) + ":\(port)"
            }
        }
    }

    let place: Place
    let network: Network
    /// How long one answer may take.
    let timeout: TimeSpan

    /// The most that an answer may hold, in bytes.
    private static let limit = 8_388_608
    /// How long a line of commands may get, in bytes; HAProxy's buffer is twice that by default.
    private static let line = 8000

    private struct TooLong: Error {}

    /// What was said to these commands, which hold neither `;` nor line breaks.
    func ask(_ commands: [String]) async throws(TrafficError) -> String {
        var answers = ""
        var line = ""
        for command in commands {
            if !line.isEmpty, line.utf8.count + command.utf8.count > RuntimeAPI.line {
                answers += try await send(line)
                line = ""
            }
            line += (line.isEmpty ? "" : ";") + command
        }
        return line.isEmpty ? answers : answers + (try await send(line))
    }

    private func send(_ line: String) async throws(TrafficError) -> String {
        let threads = await network.threads
        let (place, timeout) = (place, timeout)
        let outcome = await Deadline.race(timeout) { () async throws -> String in
            let channel = try await RuntimeAPI.connect(to: place, on: threads, timeout)
            return try await channel.executeThenClose { incoming, outgoing in
                try await outgoing.write(ByteBuffer(string: line + "\n"))
                var answer = ByteBuffer()
                for try await part in incoming {
                    answer.writeImmutableBuffer(part)
                    if answer.readableBytes > RuntimeAPI.limit { throw TooLong() }
                }
                return String(buffer: answer)
            }
        }
        switch outcome {
        case .done(""):
            throw TrafficError("HAProxy at \(place) closed the connection without an answer", isPassing: true)
        case .done(let text): return text
        case .failed(is TooLong):
            throw TrafficError("what listens at \(place) answers without end: is it HAProxy's runtime API?")
        case .failed(let error):
            throw TrafficError(
                "HAProxy at \(place) cannot be reached: \(Reason.text(of: error, timeout)); is it running, "
                    + "with a `stats socket` there that we may use?", isPassing: true)
        case .late:
            throw TrafficError("HAProxy at \(place) gave no answer within \(timeout)", isPassing: true)
        case .cancelled: throw TrafficError("HAProxy at \(place) was not asked: the task was cancelled")
        }
    }

    private static func connect(
        to place: Place, on threads: MultiThreadedEventLoopGroup, _ timeout: TimeSpan
    ) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let bootstrap = ClientBootstrap(group: threads).connectTimeout(.milliseconds(timeout.milliseconds))
        let wrap: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = { channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
        }
        return switch place {
        case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
        case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port, channelInitializer: wrap)
        }
    }
}
