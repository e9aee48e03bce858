import Control
import Engine
import FoundationEssentials
import Model

/// Keeps a loop going over one session: wakes it, hands it requests, and builds it anew when the configuration changed.
actor LoopKeeper {
    private let session: Session
    private let options: CommonOptions
    private let emit: EventSink
    private let manager: ServiceManager?
    private var settings: Settings
    private var reconciler: Reconciler?
    private var wakes: AsyncStream<Trigger>.Continuation?
    private var isEnding = false
    private var isReloading = false

    init(session: Session, settings: Settings, options: CommonOptions, emit: @escaping EventSink) {
        self.session = session
        self.settings = settings
        self.options = options
        self.emit = emit
        manager = ServiceManager(settings.variables.all)
    }

    /// Returns once it was ended and every environment stopped at a step boundary. Throws `ControlError`, `StoreError` or
    /// `CommandFailure` where it cannot begin.
    func run() async throws {
        let ending = Ending.watch(reload: { await self.reload() }, { await self.end(kills: $0) })
        defer { ending.cancel() }
        let server = try ControlServer(state: settings.state)
        defer { server.stop() }
        let listening = Task { for await message in server.messages { await self.take(message) } }
        defer { listening.cancel() }
        manager?.tell("READY=1")
        let watchdog = Task { await self.showLife() }
        defer { watchdog.cancel() }
        while !isEnding {
            isReloading = false
            let watched = settings.sources.map { "\($0.shown) every \($0.interval)" }
            let more = watched.count > 5 ? " and \(watched.count - 5) more" : ""
            emit(EngineEvent(.started, text: "watching " + watched.prefix(5).joined(separator: ", ") + more))
            let reconciler = try await session.reconciler(settings, emit: emit)
            let (stream, continuation) = AsyncStream.makeStream(of: Trigger.self, bufferingPolicy: .bufferingNewest(16))
            self.reconciler = reconciler
            wakes = continuation
            // It may have been told to end, or to read again, while the new loop was made.
            if isEnding || isReloading { await reconciler.end(kills: false) }
            // What people asked of a process that died before it answered comes first.
            await reconciler.answerRequests()
            await reconciler.run(wakes: stream)
            continuation.finish()
            await reconciler.close()
            if !isReloading { break }
        }
        emit(EngineEvent(.ended, text: "stopped at a step boundary"))
    }

    private func take(_ message: ControlMessage) async {
        switch message {
        case .wake: wakes?.yield(.push)
        case .requests:
            // A rollback takes its time, and the next message must not wait for it.
            if let reconciler { Task { await reconciler.answerRequests() } }
        case .ping: break
        }
    }

    /// Tells the service manager twice in each of its periods that we are there, if it wants to know.
    private func showLife() async {
        guard let manager, let period = manager.watchdog else { return }
        while !Task.isCancelled {
            manager.tell("WATCHDOG=1")
            try? await Task.sleep(for: .microseconds(period / 2))
        }
    }

    private func end(kills: Bool) async {
        isEnding = true
        manager?.tell("STOPPING=1")
        emit(EngineEvent(.ending, text: Ending.text(kills: kills)))
        await reconciler?.end(kills: kills)
    }

    /// Reads the configuration again; one that cannot be used is named, and the old one stays.
    private func reload() async {
        do throws(CommandFailure) {
            let new = try Settings.resolve(options, Variables(all: ProcessInfo.processInfo.environment))
            _ = try new.namedSources()
            guard new.state == settings.state else {
                throw CommandFailure(
                    "the state folder cannot change while the loop runs", advice: "start it anew for that")
            }
            settings = new
        } catch {
            emit(EngineEvent(.warning, text: "the configuration was not taken over: \(error)"))
            return
        }
        isReloading = true
        await reconciler?.end(kills: false)
    }
}
