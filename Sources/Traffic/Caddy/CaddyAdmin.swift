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

    /// A part of the configuration as it was read.
    struct Part: Sendable {
        var value: Value
        /// What Caddy calls exactly this; nil where it does not say.
        var tag: String?
    }

    /// What stands below a path; null for a part that is not there. Throws for an object that is not there.
    func get(_ path: String) async throws(TrafficError) -> Part {
        let answer = try await send(.GET, path)
        do {
            let value = try JSONDecoder().decode(Value.self, from: Data(answer.body.readableBytesView))
            return Part(value: value, tag: answer.tag)
        } catch {
            throw TrafficError(
                "what answers at \(place) is not Caddy's admin API: \(Words.shown(String(buffer: answer.body)))")
        }
    }

    /// Puts a value below a path: in the place of what is there, or beside it where `isThere` is false. Where somebody else
    /// changed the part that was read meanwhile, nothing is done, and another try makes sense.
    func put(
        _ path: String, _ value: Value, isThere: Bool, after part: Part
    ) async throws(TrafficError) {
        _ = try await send(isThere ? .PATCH : .POST, path, value.canonical, tag: part.tag)
    }

    /// Adds an item to the list below a path, which may not be there yet.
    func append(_ path: String, _ item: Value) async throws(TrafficError) {
        let list = try await get(path)
        let isThere = list.value != .null
        _ = try await send(.POST, path, (isThere ? item : .list([item])).canonical, tag: list.tag)
    }

    /// Takes away what stands below a path.
    func delete(_ path: String) async throws(TrafficError) { _ = try await send(.DELETE, path) }

    private func send(
        _ method: HTTPMethod, _ path: String, _ body: String? = nil, tag: String? = nil
    ) async throws(TrafficError) -> CaddyHTTP.Answer {
        let threads = await network.threads
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: path)
        // Caddy takes an empty name alone on a socket.
        if case .tcp(let address) = place {
            head.headers.add(name: "host", value: address)
        } else {
            head.headers.add(name: "host", value: "")
        }
        head.headers.add(name: "connection", value: "close")
        if let tag { head.headers.add(name: "if-match", value: tag) }
        if let body {
            head.headers.add(name: "content-type", value: "application/json")
            head.headers.add(name: "content-length", value: String(body.utf8.count))
        }
        let (request, place, timeout) = (head, place, timeout)
        let outcome = await Deadline.race(timeout) {
            try await CaddyHTTP.ask(place, request, body, on: threads, timeout)
        }
        switch outcome {
        case .done(let answer):
            switch answer.status {
            case 200..<300: return answer
            case 412:
                throw TrafficError(
                    "somebody else changed the configuration of Caddy at \(place) at the same moment", isPassing: true)
            default: throw refusal(answer, path)
            }
        case .failed(is CaddyHTTP.TooLong):
            throw TrafficError("what listens at \(place) answers without end: is it Caddy's admin API?")
        case .failed(is CaddyHTTP.Closed):
            throw TrafficError(
                "Caddy at \(place) cannot be reached: it closed the connection without an answer; is its admin API on?",
                isPassing: true)
        case .failed(let error as HTTPParserError) where error != .invalidEOFState:
            throw TrafficError("what listens at \(place) does not speak HTTP: is it Caddy's admin API?")
        case .failed(let error):
            throw TrafficError(
                "Caddy at \(place) cannot be reached: \(Reason.text(of: error, timeout)); is its admin API on?",
                isPassing: true)
        case .late: throw TrafficError("Caddy at \(place) gave no answer within \(timeout)", isPassing: true)
        case .cancelled: throw TrafficError("Caddy at \(place) was not asked: the task was cancelled")
        }
    }

    private func refusal(_ answer: CaddyHTTP.Answer, _ path: String) -> TrafficError {
        let text = String(buffer: answer.body)
        if answer.status == 404, text.contains("unknown object ID") {
            let id = path.split(separator: "/").dropFirst().first ?? ""
            return TrafficError("Caddy at \(place) has nothing with the `@id` \(id): its configuration must name it")
        }
        return TrafficError("Caddy at \(place) answered \(answer.status): \(Words.shown(text))")
    }
}
