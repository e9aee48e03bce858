import AsyncHTTPClient
import Model
import NIOCore
import NIOPosix
import Processes

/// One thread and one client for what goes over the network: there only from the first use until nobody needs them any
/// more.
package actor Network {
    private var tools: (threads: MultiThreadedEventLoopGroup, client: HTTPClient)?
    private var users = 0

    /// Nothing is started before it is needed.
    package init() {}

    /// What connections are made with.
    package var threads: MultiThreadedEventLoopGroup { open().threads }

    /// What requests are made with: no redirects, no retries, certificates verified.
    package var client: HTTPClient { open().client }

    private func open() -> (threads: MultiThreadedEventLoopGroup, client: HTTPClient) {
        if let tools { return tools }
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // The check's own timeout decides; what is left of an attempt ends here.
        configuration.timeout.connect = .minutes(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .shared(threads), configuration: configuration)
        tools = (threads, client)
        return (threads, client)
    }

    /// One more may ask for it.
    package func begin() { users += 1 }

    /// One less; the last one ends it.
    package func end() async {
        users -= 1
        if users == 0 { await close() }
    }

    /// A client that was not shut down must not be dropped: whoever forgot `close` gets it here.
    deinit {
        guard let (threads, client) = tools else { return }
        Task.detached { await Network.end(threads, client) }
    }

    /// Ends both; what is under way fails. A name server that does not answer holds a thread longer than anybody wants to
    /// wait: after a second the rest ends by itself.
    package func close() async {
        guard let (threads, client) = tools else { return }
        tools = nil
        _ = await Deadline.race(.seconds(1)) { await Network.end(threads, client) }
    }

    private static func end(_ threads: MultiThreadedEventLoopGroup, _ client: HTTPClient) async {
        try? await client.shutdown()
        try? await threads.shutdownGracefully()
    }
}
