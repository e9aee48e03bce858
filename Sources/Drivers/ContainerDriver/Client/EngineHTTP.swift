import AsyncHTTPClient
import Glibc
import Model
import NIOCore
import NIOPosix
import Processes

/// The one thread and the client behind all engines, there from the first call on.
actor EngineHTTP {
    private var tools: (threads: MultiThreadedEventLoopGroup, client: HTTPClient)?
    private var isClosed = false

    /// What requests are made with; nil once it is closed.
    var client: HTTPClient? {
        if let tools { return tools.client }
        guard !isClosed else { return nil }
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // The deadline of each call decides; what is left of an attempt ends here.
        configuration.timeout.connect = .minutes(5)
        configuration.connectionPool = .init(
            idleTimeout: .seconds(30), concurrentHTTP1ConnectionsPerHostSoftLimit: 64)
        configuration.connectionPool.retryConnectionEstablishment = false
        // A listener that waits for events would never know that the machine at the other end is gone.
        configuration.http1_1ConnectionDebugInitializer = { channel in
            guard channel.remoteAddress?.protocol != .unix else { return channel.eventLoop.makeSucceededVoidFuture() }
            let alive = channel.setOption(
                ChannelOptions.Types.SocketOption(level: .socket, name: .so_keepalive), value: 1)
            let pace: [(Int32, SocketOptionValue)] = [(TCP_KEEPIDLE, 30), (TCP_KEEPINTVL, 10), (TCP_KEEPCNT, 3)]
            return .andAllSucceed(
                [alive]
                    + pace.map { name, value in
                        channel.setOption(
                            ChannelOptions.Types.SocketOption(level: .tcp, name: NIOBSDSocket.Option(rawValue: name)),
                            value: value)
                    }, on: channel.eventLoop)
        }
        let client = HTTPClient(eventLoopGroupProvider: .shared(threads), configuration: configuration)
        tools = (threads, client)
        return client
    }

    /// A client that was not shut down must not be dropped.
    deinit {
        guard let (threads, client) = tools else { return }
        Task.detached { await EngineHTTP.end(threads, client) }
    }

    /// Ends both; what is under way fails.
    func close() async {
        isClosed = true
        guard let (threads, client) = tools else { return }
        tools = nil
        _ = await Deadline.race(.seconds(2)) { await EngineHTTP.end(threads, client) }
    }

    private static func end(_ threads: MultiThreadedEventLoopGroup, _ client: HTTPClient) async {
        try? await client.shutdown()
        try? await threads.shutdownGracefully()
    }
}
