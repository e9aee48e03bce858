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
        /// Whether the same script is likely to be asked again. It also asks whose turn it was last.
        var isKept = false
        /// Whether nothing else of the environment may go on on the host meanwhile.
        var isAct = false
        var timeout: TimeSpan
    }

    private let access: HostAccess
    /// The file of host keys that it goes by; empty before it was opened.
    private(set) var knownHosts = ""
    private let lists: HostKeyLists
    private let configuration: SSHConfiguration
    private let runner: ProcessRunner
    private let environment: [String: String]
    private let slots: Slots
    private let turns: HostTurns
    /// What marks of the environment on the host are called.
    private let key: String
    /// What they are called where they are of those whom we follow.
    private let others: [String]
    /// Where they are there, and whose; nil until it said so.
    private var folder: String?
    private var process: KeptProcess?
    private var kept: [UInt8] = []
    private var tail: Task<Void, Never>?
    private var isClosed = false
    /// How many requests are not answered yet.
    private var unanswered = 0
    /// When it last had something to do, on the monotonic clock.
    private var lastUse = Monotonic.now

    /// How long it may take until what goes on from before has ended.
    private static let patience = TimeSpan.seconds(90)

    /// `slots` bound how many connections are opened at once; `turns` are of the host, whichever way it is reached.
    /// Acts of another `owner` are another's.
    init(
        _ access: HostAccess, lists: HostKeyLists, configuration: SSHConfiguration, runner: ProcessRunner,
        environment: [String: String], slots: Slots, turns: HostTurns, owner: Owner?
    ) {
        self.access = access
        self.lists = lists
        self.configuration = configuration
        self.runner = runner
        self.environment = environment
        self.slots = slots
        self.turns = turns
        func key(_ owner: String) -> String {
            let name = [owner, access.environment, access.name].joined(separator: "\n")
            return String(Digest(ofText: name).hex.prefix(16))
        }
        self.key = key(owner?.name ?? "")
        others = (owner?.others ?? []).map(key)
    }

    /// Whether an act would be refused if another one came in between.
    var knowsTurn: Bool { turns.last(in: folder) != nil }

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
            promise.yield(isWanted.isSet ? await settle(request) : .failure(DriverFailure("cancelled")))
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

    private func settle(_ request: Request) async -> Result<Answer, DriverFailure> {
        guard request.isAct else { return await result(of: request) }
        return await turns.acts.with { await result(of: request) }
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
        let way = try await configuration.way(to: access)
        knownHosts = try await lists.file(for: access, others: way.names)
        do throws(NotStarted) {
            let started = try await runner.keep(
                SSHCommand.command(access, knownHosts: knownHosts, jumps: way.jumps, environment: environment))
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
        let script = script(of: request, talk)
        let isAgain = !isNew && request.isKept && kept == script.bytes
        if request.isKept { kept = script.bytes }
        process.write(head(script, talk.name, isKept: request.isKept, isAgain: isAgain))
        let patience = isNew ? access.connectTimeout + access.connectTimeout : access.connectTimeout
        let alarm = Alarm(WallClock.now() + patience) { process.kill() }
        defer { alarm.cancel() }
        return await talk.hear(process, until: .begun)
    }

    /// Hears the rest of the answer.
    private func finish(
        _ process: KeptProcess, _ request: Request, _ talk: inout Talk
    ) async throws(DriverFailure) -> Answer {
        if request.isAct { try await waitUntilAlone(process, &talk) }
        let began = Monotonic.now
        let alarm = Alarm(WallClock.now() + request.timeout) { process.kill() }
        let ending = await talk.hear(process, until: .done)
        alarm.cancel()
        talk.answer.duration = TimeSpan(milliseconds: Monotonic.now - began)
        if case .done = ending {
            if let turn = talk.turn {
                folder = turn.folder
                turns.keep(turn.last, in: turn.folder)
            }
            return talk.answer
        }
        self.process = nil
        if talk.answer.duration >= request.timeout {
            let more = request.isAct ? ": what it is still at is ended before the next act there" : ""
            throw DriverFailure("\(access.name) did not answer within \(request.timeout)\(more)")
        }
        throw DriverFailure(reason(talk, ending, wasOpen: true))
    }

    /// Hears that what went on on the host from before has ended, and that the act begins.
    private func waitUntilAlone(_ process: KeptProcess, _ talk: inout Talk) async throws(DriverFailure) {
        let began = Monotonic.now
        let alarm = Alarm(WallClock.now() + Self.patience) { process.kill() }
        let ending = await talk.hear(process, until: .alone)
        alarm.cancel()
        if case .alone = ending {
            turns.keep(FenceScript.turn(talk.name) + ",", in: folder)
            return
        }
        process.kill()
        self.process = nil
        turns.keep(nil, in: folder)
        if Monotonic.now - began >= Self.patience.milliseconds {
            throw DriverFailure(
                "what goes on on \(access.name) from before did not end within \(Self.patience); look at it there")
        }
        throw DriverFailure(reason(talk, ending, wasOpen: true))
    }

    /// What is sent of a request. Each time it is sent, an act is another one.
    private func script(of request: Request, _ talk: Talk) -> ShellCode {
        if request.isAct {
            return FenceScript.alone(
                request.script, key: key, others: others, turn: FenceScript.turn(talk.name),
                before: turns.last(in: folder))
        }
        return request.isKept ? FenceScript.look(key) + request.script : request.script
    }

    private func head(_ script: ShellCode, _ mark: String, isKept: Bool, isAgain: Bool) -> [UInt8] {
        if isAgain { return Array("r \(mark)\n".utf8) }
        let bytes = script.bytes + Array("\n#\(mark)".utf8)
        return Array("\(isKept ? "k" : "s") \(mark) \(bytes.count)\n".utf8) + bytes
    }

    /// What people know a list from the source by.
    private static func list(_ access: HostAccess) -> String {
        "the file that `ssh.known_hosts` of the environment \(VisibleText.line(access.environment, limit: 80)) names"
    }

    private func reason(_ talk: Talk, _ ending: Talk.Ending, wasOpen: Bool) -> String {
        switch ending {
        case .tooLong: return "\(access.name) said more than can be an answer"
        case .unreadable: return "a file that was to travel to \(access.name) could not be read"
        case .begun, .alone, .done: return "\(access.name) cannot be reached"
        case .refused(let why): return FenceScript.reason(why, on: access.name)
        case .ended(let how):
            let isLate = how == .cancelled
            return SSHWords.reason(
                talk.answer.remarks, access, knownHosts: access.knownHosts == nil ? knownHosts : Self.list(access),
                ending: isLate ? .timedOut : how,
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
