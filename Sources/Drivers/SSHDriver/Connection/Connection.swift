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
    /// The file of host keys that it goes by.
    nonisolated let knownHosts: String
    private let runner: ProcessRunner
    private let environment: [String: String]
    private let slots: Slots
    private var process: KeptProcess?
    private var kept: [UInt8] = []
    private var tail: Task<Void, Never>?
    private var isClosed = false
    /// How many requests are not answered yet.
    private var unanswered = 0
    /// When it last had something to do, on the monotonic clock.
    private var lastUse = Monotonic.now

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
        unanswered += 1
        let isWanted = Flag()
        let (answers, promise) = AsyncStream<Result<Answer, DriverFailure>>.makeStream()
        tail = Task {
            await before?.value
            promise.yield(isWanted.isSet ? await result(of: request) : .failure(DriverFailure("cancelled")))
            unanswered -= 1
            lastUse = Monotonic.now
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

    /// Ends the client if nobody used it for so many milliseconds; the next request starts it again. Says whether it did.
    func rest(after idle: Int64) -> Bool {
        guard unanswered == 0, Monotonic.now - lastUse > idle else { return false }
        process?.kill()
        process = nil
        return true
    }

    private func result(of request: Request) async -> Result<Answer, DriverFailure> {
        do throws(DriverFailure) {
            if let process {
                var talk = Talk(mark: Mark.next(), request: request)
                let ending = await open(process, request, &talk, isNew: false)
                if case .begun = ending { return .success(try await finish(process, request, &talk)) }
                process.kill()
                self.process = nil
                // It may have ended since it was last asked, and an observation may be asked twice. Where we gave up, the
                // host may be at it all the same.
                guard request.isKept || ending.isByItself else {
                    throw DriverFailure(
                        "\(access.name) did not take what was sent within \(access.connectTimeout): it may still be at it"
                    )
                }
            }
            var talk = Talk(mark: Mark.next(), request: request)
            let opened = await slots.with { () -> Result<KeptProcess, DriverFailure> in
                do throws(DriverFailure) {
                    let process = try await start()
                    let ending = await open(process, request, &talk, isNew: true)
                    if case .begun = ending { return .success(process) }
                    self.process = nil
                    return .failure(DriverFailure(reason(talk, ending, wasOpen: false)))
                } catch {
                    return .failure(error)
                }
            }
            return .success(try await finish(try opened.get(), request, &talk))
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

    /// Sends a request and hears that the host has read it.
    private func open(
        _ process: KeptProcess, _ request: Request, _ talk: inout Talk, isNew: Bool
    ) async -> Talk.Ending {
        let isAgain = !isNew && request.isKept && kept == request.script.bytes
        if request.isKept { kept = request.script.bytes }
        process.write(head(request, talk.name, isAgain: isAgain))
        let patience = isNew ? access.connectTimeout + access.connectTimeout : access.connectTimeout
        let alarm = Alarm(WallClock.now() + patience) { process.kill() }
        defer { alarm.cancel() }
        return await talk.hear(process, until: .begun)
    }

    /// Hears the rest of the answer.
    private func finish(
        _ process: KeptProcess, _ request: Request, _ talk: inout Talk
    ) async throws(DriverFailure) -> Answer {
        let began = Monotonic.now
        let alarm = Alarm(WallClock.now() + request.timeout) { process.kill() }
        let ending = await talk.hear(process, until: .done)
        alarm.cancel()
        talk.answer.duration = TimeSpan(milliseconds: Monotonic.now - began)
        if case .done = ending { return talk.answer }
        self.process = nil
        if talk.answer.duration >= request.timeout {
            throw DriverFailure("\(access.name) did not answer within \(request.timeout)")
        }
        throw DriverFailure(reason(talk, ending, wasOpen: true))
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
