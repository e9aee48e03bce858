import AsyncHTTPClient
import Model
import NIOCore
import NIOHTTP1
import Processes

/// One GET: passes with the status that is expected, or with any of 200–399. A redirect is an answer, not followed.
struct HTTPCheck {
    var url: String
    var expect: Int?

    /// What is read of an answer's body, in bytes: a server that is hung up on logs errors. The status alone decides.
    private static let bodyLimit = 65_536

    func verdict(_ network: Network, _ timeout: TimeSpan) async -> Verdict {
        let name = VisibleText.line(url, limit: 200)
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            return .fail("'\(name)' is no address to GET; it must begin with http:// or https://")
        }
        let client = await network.client
        let url = url
        let outcome = await Deadline.race(timeout) { () async throws -> HTTPClientResponse in
            var request = HTTPClientRequest(url: url)
            request.headers.add(name: "user-agent", value: "reconcile")
            // A kept connection that the server gave up meanwhile would look like a failure.
            request.headers.add(name: "connection", value: "close")
            // A little longer than the race: what it says of its own deadline is not always the deadline.
            return try await client.execute(request, timeout: .milliseconds(timeout.milliseconds + 1000))
        }
        switch outcome {
        case .done(let response):
            await HTTPCheck.drain(response, timeout)
            let status = Int(response.status.code)
            if let expect, status != expect { return .fail("\(name) answered \(status), expected \(expect)") }
            if expect == nil, !(200..<400).contains(status) {
                return .fail("\(name) answered \(status), expected 200 to 399")
            }
            return .pass
        case .failed(let error): return .fail("\(name): \(Reason.text(of: error, timeout))")
        case .late: return .fail("\(name): no answer within \(timeout)")
        case .cancelled: return .inconclusive("\(name): the check was cancelled")
        }
    }

    private static func drain(_ response: HTTPClientResponse, _ timeout: TimeSpan) async {
        _ = await Deadline.race(min(timeout, .seconds(1))) { () async throws -> Void in
            var count = 0
            for try await part in response.body {
                count += part.readableBytes
                if count > bodyLimit { break }
            }
        }
    }
}
