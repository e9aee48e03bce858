import Checks
import Model
import NIOCore
import NIOHTTP1
import NIOPosix
import Processes

/// One request to Caddy's admin API over a connection of its own. What says which version of the configuration was read
/// comes behind the answer's body, as a trailer, which the library's client does not give.
struct CaddyHTTP: Sendable {
    struct Answer: Sendable {
        var status = 0
        var body = ByteBuffer()
        /// The header or trailer `ETag`.
        var tag: String?
    }

    struct TooLong: Error {}
    struct Closed: Error {}

    typealias Request = HTTPPart<HTTPRequestHead, ByteBuffer>
    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, Request>

    /// The most that an answer may hold, in bytes.
    private static let limit = 4_194_304

    /// Sends a request whose target is `path`, and reads all of the answer.
    static func ask(
        _ place: CaddyAdmin.Place, _ head: HTTPRequestHead, _ body: String?, on threads: MultiThreadedEventLoopGroup,
        _ timeout: TimeSpan
    ) async throws -> Answer {
        try await connect(to: place, on: threads, timeout).executeThenClose { incoming, outgoing in
            try await outgoing.write(.head(head))
            if let body { try await outgoing.write(.body(ByteBuffer(string: body))) }
            try await outgoing.write(.end(nil))
            var answer = Answer()
            for try await part in incoming {
                switch part {
                case .head(let head):
                    answer.status = Int(head.status.code)
                    answer.tag = head.headers.first(name: "etag")
                case .body(let bytes):
                    answer.body.writeImmutableBuffer(bytes)
                    if answer.body.readableBytes > limit { throw TooLong() }
                case .end(let trailers):
                    answer.tag = answer.tag ?? trailers?.first(name: "etag")
                    return answer
                }
            }
            throw Closed()
        }
    }

    private static func connect(
        to place: CaddyAdmin.Place, on threads: MultiThreadedEventLoopGroup, _ timeout: TimeSpan
    ) async throws -> Connection {
        let bootstrap = ClientBootstrap(group: threads).connectTimeout(.milliseconds(timeout.milliseconds))
        let wrap: @Sendable (any Channel) -> EventLoopFuture<Connection> = { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(Sender())
                return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
            }
        }
        switch place {
        case .unix(let path):
            return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
        case .tcp(let address):
            guard let named = HostPort(address) else { throw Closed() }
            return try await bootstrap.connect(host: named.host, port: named.port, channelInitializer: wrap)
        }
    }

    /// Gives the library's encoder the one sort of body that it takes.
    private final class Sender: ChannelOutboundHandler {
        typealias OutboundIn = Request
        typealias OutboundOut = HTTPClientRequestPart

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            let part: HTTPClientRequestPart =
                switch unwrapOutboundIn(data) {
                case .head(let head): .head(head)
                case .body(let bytes): .body(.byteBuffer(bytes))
                case .end(let trailers): .end(trailers)
                }
            context.write(wrapOutboundOut(part), promise: promise)
        }
    }
}
