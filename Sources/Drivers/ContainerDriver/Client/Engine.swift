import AsyncHTTPClient
import Glibc
import Model
import NIOCore
import NIOHTTP1
import NIOSSL
import Processes

/// One engine that is spoken to by the Docker Engine API.
actor Engine {
    nonisolated let access: EngineAccess
    /// How it is called in messages.
    nonisolated var name: String { access.address.description }

    private let http: EngineHTTP
    private let tunnel: SSHTunnel?
    private var greeting: EngineGreeting?
    private var certificates: (configuration: TLSConfiguration, stamps: [String])?
    /// The environments that something was asked of here.
    private(set) var environments: Set<String> = []

    init(_ access: EngineAccess, http: EngineHTTP, runner: ProcessRunner, environment: [String: String]) {
        self.access = access
        self.http = http
        if case .ssh(let hop, let socket) = access.address {
            tunnel = SSHTunnel(hop, socket: socket, runner: runner, environment: environment)
        } else {
            tunnel = nil
        }
    }

    /// Keeps that an environment is here: it is told of what may have happened while nobody listened.
    func keep(_ environment: String) { environments.insert(environment) }

    /// Ends what was kept for it.
    func close() async { await tunnel?.close() }

    /// Asks, and gives the answer where it is a success or one of `accepting`. Once more where a kept connection turns out to
    /// be given up and nothing can have happened twice. All of it takes the call's `timeout` at most.
    func ask(_ call: EngineCall, accepting: Set<Int> = []) async throws(EngineError) -> EngineAnswer {
        let end = Monotonic.now + call.timeout.milliseconds
        let version = try await greet(call, until: end).version
        return try await send(call, below: "/v" + version, accepting: accepting, until: end)
    }

    /// Asks for what never ends, or for long: `body` takes its parts as they come, after `opened`. `idle` is how long it
    /// may say nothing, nil for ever.
    func stream(
        _ call: EngineCall, idle: TimeSpan?, opened: @Sendable () async -> Void = {},
        _ body: @escaping @Sendable (ByteBuffer) throws -> Void
    ) async throws(EngineError) {
        let end = Monotonic.now + call.timeout.milliseconds
        let version = try await greet(call, until: end).version
        let request = try await request(call, below: "/v" + version, until: end)
        let response = try await head(call, request, until: end)
        guard (200..<300).contains(response.status.code) else {
            let answer = try await read(response, call, until: end)
            throw fail(call, .refused(Int(response.status.code), EngineMessage.text(of: answer.readableBytesView)))
        }
        await opened()
        let parts = PartReader(response)
        while true {
            let outcome = await Deadline.race(idle ?? .seconds(10 * 365 * 86_400)) { try await parts.next() }
            switch outcome {
            case .done(nil): return
            case .done(let part?):
                do { try body(part) } catch let error as EngineError { throw error } catch {
                    throw fail(call, .garbled(VisibleText.line("\(error)", limit: 200)))
                }
            case .failed(let error): throw fail(call, .unreachable(ConnectionReason.text(of: error)))
            case .late: throw fail(call, .late(idle ?? .zero))
            case .cancelled: throw fail(call, .cancelled)
            }
        }
    }

    /// What it says of itself, asked once.
    func greet(_ timeout: TimeSpan) async throws(EngineError) -> EngineGreeting {
        let call = EngineCall(name: "ask for the version", path: "/version", timeout: timeout)
        return try await greet(call, until: Monotonic.now + timeout.milliseconds)
    }

    private func greet(_ purpose: EngineCall, until end: Int64) async throws(EngineError) -> EngineGreeting {
        if let greeting { return greeting }
        let call = EngineCall(name: "ask for the version", path: "/version", timeout: purpose.timeout)
        let answer = try await send(call, below: "", accepting: [], until: end)
        let said = try answer.decoded(EngineGreeting.Answer.self, call, name)
        guard let found = EngineGreeting(said) else {
            throw fail(
                call,
                .unusable(
                    "it speaks version \(VisibleText.line(said.ApiVersion ?? "?", limit: 20)) of the API, and "
                        + "\(EngineGreeting.floor) is needed: Docker 20.10, Podman 4, or later"))
        }
        greeting = found
        return found
    }

    private func send(
        _ call: EngineCall, below prefix: String, accepting: Set<Int>, until end: Int64
    ) async throws(EngineError) -> EngineAnswer {
        let request = try await request(call, below: prefix, until: end)
        let response = try await head(call, request, until: end)
        let status = Int(response.status.code)
        let body = try await read(response, call, until: end)
        guard (200..<300).contains(status) || accepting.contains(status) else {
            throw fail(call, .refused(status, EngineMessage.text(of: body.readableBytesView)))
        }
        return EngineAnswer(status: status, body: body)
    }

    /// What is left of a call's time; at least a millisecond, so that what is late is said in one place.
    private func rest(until end: Int64) -> TimeSpan { TimeSpan(milliseconds: max(1, end - Monotonic.now)) }

    private func request(
        _ call: EngineCall, below prefix: String, until end: Int64
    ) async throws(EngineError) -> HTTPClientRequest {
        let base: String
        switch access.address {
        case .unix(let path): base = "http+unix://" + EngineCall.encode(path)
        case .tcp:
            base = access.address.description.replacing(
                "tcp", with: access.tls == nil ? "http" : "https", maxReplacements: 1)
        case .ssh:
            do throws(SSHTunnel.Failure) {
                base = "http+unix://" + EngineCall.encode(try await tunnel?.open(within: rest(until: end)) ?? "")
            } catch {
                throw fail(call, Task.isCancelled ? .cancelled : .unreachable(error.reason))
            }
        }
        var request = HTTPClientRequest(url: base + prefix + call.target)
        request.method = call.method
        request.headers.add(name: "host", value: "docker")
        request.headers.add(name: "user-agent", value: "reconcile")
        for (name, value) in call.headers { request.headers.add(name: name, value: value) }
        if let body = call.body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        if case .tcp = access.address, let tls = access.tls { request.tlsConfiguration = try certificates(tls, call) }
        return request
    }

    private func head(
        _ call: EngineCall, _ request: HTTPClientRequest, until end: Int64
    ) async throws(EngineError) -> HTTPClientResponse {
        guard let client = await http.client else { throw fail(call, .unusable("the driver was closed")) }
        let limit = TimeAmount.milliseconds(call.timeout.milliseconds + 1000)
        for attempt in 1... {
            let outcome = await Deadline.race(rest(until: end)) { () async throws -> HTTPClientResponse in
                try await client.execute(request, timeout: limit)
            }
            switch outcome {
            case .done(let response): return response
            case .failed(let error):
                if attempt < 4, call.method == .GET, ConnectionReason.isGivenUp(error) { continue }
                // What answers there next may be another engine.
                greeting = nil
                throw fail(call, .unreachable(ConnectionReason.text(of: error)))
            case .late: throw fail(call, .late(call.timeout))
            case .cancelled: throw fail(call, .cancelled)
            }
        }
        throw fail(call, .cancelled)
    }

    private func read(
        _ response: HTTPClientResponse, _ call: EngineCall, until end: Int64
    ) async throws(EngineError) -> ByteBuffer {
        let limit = call.limit
        switch await Deadline.race(rest(until: end), { try await response.body.collect(upTo: limit) }) {
        case .done(let body): return body
        case .failed(let error as NIOTooManyBytesError):
            _ = error
            throw fail(call, .garbled("more than \(limit) bytes"))
        case .failed(let error): throw fail(call, .unreachable(ConnectionReason.text(of: error)))
        case .late: throw fail(call, .late(call.timeout))
        case .cancelled: throw fail(call, .cancelled)
        }
    }

    /// Read with the first call, and again when one of the files is another: certificates are renewed.
    private func certificates(_ tls: EngineAccess.TLS, _ call: EngineCall) throws(EngineError) -> TLSConfiguration {
        let stamps = [tls.ca, tls.cert, tls.key].map { $0.map(Engine.stamp) ?? "" }
        if let certificates, certificates.stamps == stamps { return certificates.configuration }
        var configuration = TLSConfiguration.makeClientConfiguration()
        do {
            if let ca = tls.ca { configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(ca)) }
            if let cert = tls.cert {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(cert).map { .certificate($0) }
            }
            if let key = tls.key {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            }
        } catch {
            let files = [tls.ca, tls.cert, tls.key].compactMap { $0 }.joined(separator: ", ")
            throw fail(call, .unusable("of \(VisibleText.line(files)) one is no readable PEM file"))
        }
        certificates = (configuration, stamps)
        return configuration
    }

    /// What changes with a file.
    private static func stamp(_ path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "none" }
        return "\(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
    }

    private func fail(_ call: EngineCall, _ kind: EngineError.Kind) -> EngineError {
        EngineError(engine: name, call: call.name, kind: kind)
    }
}
