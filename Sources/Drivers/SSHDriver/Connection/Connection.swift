import DriverKit
import Model
import Processes
import Synchronization

/// One kept OpenSSH client that leads to a shell on a host. Requests are answered one after the other; the client is
/// started for the first one, and again where it is gone.
actor Connection {
    struct Request: Sendable {
        var script: ShellCode
        /// What the script reads besides, in order.
        var payloads: [Payload] = []
        /// Whether the same script is likely to be asked again.
        var isKept = false
        var timeout: TimeSpan
    }

    private let access: HostAccess
    private let knownHosts: String
    private let runner: ProcessRunner
    private let environment: [String: String]
    private let slots: Slots
    private var process: KeptProcess?
    private var kept: [UInt8] = []
    private var tail: Task<Void, Never>?
    private var isClosed = false
    /// When it was last asked, on the monotonic clock.
    private(set) var lastUse = Monotonic.now

    /// `slots` bound how many connections are opened at once.
    init(
        _ access: HostAccess, knownHosts: String, runner: ProcessRunner, environment: [String: String], slots: Slots
    ) {
        self.access = access
        self.knownHosts = knownHosts
        self.runner = runner
        self.environment = environment
        self.slots = slots
    }

    /// The answer to one request, once those before it are answered. Where our task is cancelled, a request that was sent
    /// goes on to its end, so that nothing else happens on the host meanwhile, and its answer is dropped.
    func ask(_ request: Request) async throws(DriverFailure) -> Answer {
        if request.script.holdsNUL {
            throw DriverFailure("a value for \(access.name) holds a NUL byte, which no shell can carry")
        }
        let before = tail
        let isWanted = Flag()
        let (answers, promise) = AsyncStream<Result<Answer, DriverFailure>>.makeStream()
        tail = Task {
            await before?.value
            promise.yield(isWanted.isSet ? await result(of: request) : .failure(DriverFailure("cancelled")))
            promise.finish()
        }
        let answer = await withTaskCancellationHandler {
            for await answer in answers { return answer }
            return Result<Answer, DriverFailure>.failure(DriverFailure("cancelled: \(access.name) may still be at it"))
        } onCancel: {
            isWanted.clear()
        }
        return try answer.get()
    }

    /// Ends the client. It is asked nothing afterwards.
    func close() {
        isClosed = true
        process?.kill()
        process = nil
    }

    private func result(of request: Request) async -> Result<Answer, DriverFailure> {
        lastUse = Monotonic.now
        defer { lastUse = Monotonic.now }
        do throws(DriverFailure) {
            if let process {
                // It may have ended since it was last asked; until it says that it has begun, nothing has happened there.
                if let answer = try await exchange(request, process, isNew: false) { return .success(answer) }
                self.process = nil
            }
            let process = try await start()
            guard let answer = try await exchange(request, process, isNew: true) else {
                throw DriverFailure("\(access.name) cannot be reached")
            }
            return .success(answer)
        } catch {
            return .failure(error)
        }
    }

    private func start() async throws(DriverFailure) -> KeptProcess {
        guard !isClosed else { throw DriverFailure("the connection to \(access.name) was closed") }
        kept = []
        do throws(NotStarted) {
            let started = try await runner.keep(
                SSHCommand.command(access, knownHosts: knownHosts, environment: environment))
            process = started
            return started
        } catch {
            throw DriverFailure("ssh could not start: \(VisibleText.line(error.reason))")
        }
    }

    /// Sends a request and hears its answer. Nil where a client that was there before turned out to be gone.
    private func exchange(
        _ request: Request, _ process: KeptProcess, isNew: Bool
    ) async throws(DriverFailure) -> Answer? {
        let began = Monotonic.now
        let mark = Mark.next()
        var talk = Talk(mark: mark, request: request)
        let isAgain = !isNew && request.isKept && kept == request.script.bytes
        if request.isKept { kept = request.script.bytes }
        process.write(head(request, mark, isAgain: isAgain))
        let patience = isNew ? access.connectTimeout + access.connectTimeout : access.connectTimeout
        let opening = Alarm(WallClock.now() + patience) { process.kill() }
        let opened: Talk.Ending
        if isNew {
            opened = await slots.with { await talk.hear(process, until: .begun) }
        } else {
            opened = await talk.hear(process, until: .begun)
        }
        opening.cancel()
        guard case .begun = opened else {
            guard isNew else { return nil }
            self.process = nil
            throw DriverFailure(reason(talk, opened, wasOpen: false))
        }
        let deadline = Alarm(WallClock.now() + request.timeout) { process.kill() }
        let ended = await talk.hear(process, until: .done)
        deadline.cancel()
        guard case .done = ended else {
            self.process = nil
            let took = TimeSpan(milliseconds: Monotonic.now - began)
            if took >= request.timeout {
                throw DriverFailure("\(access.name) did not answer within \(request.timeout)")
            }
            throw DriverFailure(reason(talk, ended, wasOpen: true))
        }
        talk.answer.duration = TimeSpan(milliseconds: Monotonic.now - began)
        return talk.answer
    }

    private func head(_ request: Request, _ mark: String, isAgain: Bool) -> [UInt8] {
        if isAgain { return Array("r \(mark)\n".utf8) }
        let script = request.script.bytes + Array("\n#\(mark)".utf8)
        return Array("\(request.isKept ? "k" : "s") \(mark) \(script.count)\n".utf8) + script
    }

    private func reason(_ talk: Talk, _ ending: Talk.Ending, wasOpen: Bool) -> String {
        switch ending {
        case .tooLong: return "\(access.name) said more than can be an answer"
        case .unreadable: return "a file that was to travel to \(access.name) could not be read"
        case .begun, .done: return "\(access.name) cannot be reached"
        case .ended(let how):
            let isLate = how == .cancelled
            return SSHWords.reason(
                talk.answer.remarks, access, knownHosts: knownHosts, ending: isLate ? .timedOut : how,
                wasOpen: wasOpen)
        }
    }
}

/// Whether somebody still waits.
private final class Flag: Sendable {
    private let state = Mutex(true)
    var isSet: Bool { state.withLock { $0 } }
    func clear() { state.withLock { $0 = false } }
}
