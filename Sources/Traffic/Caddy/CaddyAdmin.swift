import AsyncHTTPClient
import Checks
import FoundationEssentials
import Model
import NIOCore
import NIOHTTP1
import Processes

/// Speaks with Caddy's admin API.
struct CaddyAdmin: Sendable {
    /// Where it listens.
    enum Place: Hashable, Sendable, CustomStringConvertible {
        case unix(String)
        case tcp(String)

        var description: String {
            switch self {
            case .unix(let path): VisibleText.line(path, limit: 200)
            case .tcp(let address): VisibleText.line(address, limit: 200)
            }
        }
    }

    let place: Place
    let network: Network
    /// How long one answer may take.
    let timeout: TimeSpan

    private static let limit = 4_194_304

    /// What stands below a path; null for a part that is not there. Throws for an object that is not there.
    func get(_ path: String) async throws(TrafficError) -> Value {
        let body = try await send(.GET, path, nil)
        do { return try JSONDecoder().decode(Value.self, from: Data(body.readableBytesView)) } catch {
            throw TrafficError(
                "what answers at \(place) is not Caddy's admin API: \(Words.shown(String(buffer: body)))")
        }
    }

    /// Puts a value below a path, in the place of what is there.
    func put(_ path: String, _ value: Value) async throws(TrafficError) {
        let isThere = try await get(path) != .null
        _ = try await send(isThere ? .PATCH : .POST, path, value.canonical)
    }

    /// Adds an item to the list below a path, which may not be there yet.
    func append(_ path: String, _ item: Value) async throws(TrafficError) {
        let isThere = try await get(path) != .null
        _ = try await send(.POST, path, (isThere ? item : .list([item])).canonical)
    }

    /// Takes away what stands below a path.
    func delete(_ path: String) async throws(TrafficError) { _ = try await send(.DELETE, path, nil) }

    private func send(_ method: HTTPMethod, _ path: String, _ body: String?) async throws(TrafficError) -> ByteBuffer {
        let client = await network.client
        var request = HTTPClientRequest(url: url(path))
        request.method = method
        request.headers.add(name: "connection", value: "close")
        // Caddy takes an empty name alone on a socket.
        if case .unix = place { request.headers.add(name: "host", value: "") }
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let (final, timeout) = (request, timeout)
        let outcome = await Deadline.race(timeout) { () async throws -> (Int, ByteBuffer) in
            let answer = try await client.execute(
                final, timeout: .milliseconds(timeout.milliseconds + 1000))
            return (Int(answer.status.code), try await answer.body.collect(upTo: CaddyAdmin.limit))
        }
        switch outcome {
        case .done((200..<300, let text)): return text
        case .done((404, let text)) where String(buffer: text).contains("unknown object ID"):
            throw TrafficError(
                "Caddy at \(place) has nothing with the `@id` \(path.split(separator: "/").dropFirst().first ?? ""): its configuration must name it"
            )
        case .done((let status, let text)):
            throw TrafficError("Caddy at \(place) answered \(status): \(Words.shown(String(buffer: text)))")
        case .failed(is NIOTooManyBytesError):
            throw TrafficError("what listens at \(place) answers without end: is it Caddy's admin API?")
        case .failed(is HTTPParserError):
            throw TrafficError("what listens at \(place) does not speak HTTP: is it Caddy's admin API?")
        case .failed(let error):
            throw TrafficError(
                "Caddy at \(place) cannot be reached: \(Reason.text(of: error, timeout)); is its admin API on?",
                isPassing: true)
        case .late: throw TrafficError("Caddy at \(place) gave no answer within \(timeout)", isPassing: true)
        case .cancelled: throw TrafficError("Caddy at \(place) was not asked: the task was cancelled")
        }
    }

    private func url(_ path: String) -> String {
        switch place {
        case .tcp(let address): return "http://" + address + path
        case .unix(let socket):
            return "http+unix://" + PercentEncoding.encode(socket) + path
        }
    }
}
