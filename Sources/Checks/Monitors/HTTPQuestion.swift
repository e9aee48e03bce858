import AsyncHTTPClient
import Model
import NIOCore
import NIOHTTP1
import Processes

/// A GET with its secrets read, just before it is asked.
struct HTTPQuestion {
    /// What came back.
    struct Answer: Sendable {
        var status: Int
        /// Empty where it was not wanted.
        var body: [UInt8]
        /// Whether the body was longer than what is read of one.
        var isCut: Bool
        /// Until the last byte that was read.
        var took: TimeSpan
    }

    /// What is read of a body, in bytes.
    static let bodyLimit = 262_144
    /// What is read of a body that nobody looks at, in bytes: a server that is hung up on logs errors.
    private static let drainLimit = 65_536

    private let url: String
    private let headers: [(String, String)]
    private let redactor: Redactor
    /// The address as it may be shown.
    let name: String

    /// Reads the secrets. Throws where one cannot be read.
    init(_ url: Text, path: String = "", _ headers: RequestHeaders) throws(SecretError) {
        var secrets: [Secret] = []
        func read(_ text: Text) throws(SecretError) -> String {
            switch text {
            case .plain(let string): return string
            case .secret(let reference):
                let secret = try SecretReader.read(reference)
                secrets.append(secret)
                return secret.withBytes { String(decoding: $0, as: UTF8.self) }
            }
        }
        var base = try read(url)
        if !path.isEmpty { while base.hasSuffix("/") { base.removeLast() } }
        self.url = base + path
        var all: [(String, String)] = []
        for (name, value) in headers.values.sorted(by: { $0.key < $1.key }) { all.append((name, try read(value))) }
        if let bearer = headers.bearer { all.append(("Authorization", "Bearer " + (try read(bearer)))) }
        self.headers = all
        redactor = Redactor(secrets)
        name = VisibleText.line(redactor.redact(base), limit: 200)
    }

    /// An address without secrets, and nothing else.
    init(_ url: String) {
        self.url = url
        headers = []
        redactor = Redactor([])
        name = VisibleText.line(url, limit: 200)
    }

    /// Asks once. A failure is one sentence without secrets. Without `needsBody` the head alone decides, and the body is
    /// empty.
    func ask(
        _ network: Network, within timeout: TimeSpan, needsBody: Bool = true
    ) async -> Result<Answer, Failure> {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            return .failure(Failure("'\(name)' is no address to GET; it must begin with http:// or https://"))
        }
        for (key, value) in headers where value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
            return .failure(Failure("the header \(key) for \(name) holds a line break or another control character"))
        }
        let client = await network.client
        let (url, headers) = (url, headers)
        let began = ContinuousClock.now
        let outcome = await Deadline.race(timeout) { () async throws -> (Answer, HTTPClientResponse) in
            var request = HTTPClientRequest(url: url)
            request.headers.add(name: "user-agent", value: "reconcile")
            request.headers.add(name: "connection", value: "close")
            for (key, value) in headers { request.headers.replaceOrAdd(name: key, value: value) }
            let response = try await client.execute(request, timeout: .milliseconds(timeout.milliseconds + 1000))
            var answer = Answer(status: Int(response.status.code), body: [], isCut: false, took: .zero)
            guard needsBody else { return (answer, response) }
            for try await part in response.body {
                let room = HTTPQuestion.bodyLimit - answer.body.count
                answer.isCut = part.readableBytes > room
                answer.body.append(contentsOf: part.readableBytesView.prefix(room))
                if answer.isCut { break }
            }
            answer.took = TimeSpan(milliseconds: Int64((ContinuousClock.now - began) / .milliseconds(1)))
            return (answer, response)
        }
        switch outcome {
        case .done((let answer, let response)):
            if !needsBody { await HTTPQuestion.drain(response, timeout) }
            return .success(answer)
        case .failed(let error):
            return .failure(Failure("\(name): \(redactor.redact(Reason.text(of: error, timeout)))"))
        case .late: return .failure(Failure("\(name): no answer within \(timeout)"))
        case .cancelled: return .failure(Failure("\(name): the question was cancelled", isCancelled: true))
        }
    }

    private static func drain(_ response: HTTPClientResponse, _ timeout: TimeSpan) async {
        _ = await Deadline.race(min(timeout, .seconds(1))) { () async throws -> Void in
            var count = 0
            for try await part in response.body {
                count += part.readableBytes
                if count > drainLimit { break }
            }
        }
    }

    /// Text of the server as it may stand in a reason.
    func shown(_ text: String) -> String { VisibleText.line(redactor.redact(text), limit: 200) }

    /// Why there is no answer.
    struct Failure: Error {
        var reason: String
        /// Whether the task was cancelled, so that nothing is known.
        var isCancelled: Bool

        init(_ reason: String, isCancelled: Bool = false) {
            self.reason = reason
            self.isCancelled = isCancelled
        }
    }
}
