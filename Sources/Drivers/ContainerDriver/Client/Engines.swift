import Model
import Processes

/// Every engine that was asked for, each kept for a day: no manifest names one any more that nobody asked for in that time.
actor Engines {
    enum Change: Sendable {
        case came(Engine)
        case went(Engine)
    }

    private let http = EngineHTTP()
    private let runner: ProcessRunner
    private let environment: [String: String]
    private let patience: TimeSpan
    private var known: [EngineAccess: (engine: Engine, asked: Int64)] = [:]
    private var watchers: [Int: AsyncStream<Change>.Continuation] = [:]
    private var next = 0

    /// One that nobody asked for in `patience` is forgotten.
    init(runner: ProcessRunner, environment: [String: String], patience: TimeSpan = .seconds(86_400)) {
        self.runner = runner
        self.patience = patience
        self.environment = environment
    }

    func engine(_ access: EngineAccess) async -> Engine {
        let now = Monotonic.now
        if let engine = known[access]?.engine {
            known[access] = (engine, now)
            return engine
        }
        let engine = Engine(access, http: http, runner: runner, environment: environment)
        known[access] = (engine, now)
        for watcher in watchers.values { watcher.yield(.came(engine)) }
        // Where a new one comes, an old one may have gone.
        let gone = known.filter { now - $0.value.asked > patience.milliseconds }
        for access in gone.keys { known[access] = nil }
        for (old, _) in gone.values {
            for watcher in watchers.values { watcher.yield(.went(old)) }
            await old.close()
        }
        return engine
    }

    /// Every engine that is kept, and then each that comes or goes.
    func changes() -> AsyncStream<Change> {
        let (changes, continuation) = AsyncStream<Change>.makeStream()
        next += 1
        let number = next
        watchers[number] = continuation
        continuation.onTermination = { _ in Task { await self.forget(number) } }
        for (engine, _) in known.values { continuation.yield(.came(engine)) }
        return changes
    }

    func close() async {
        for watcher in watchers.values { watcher.finish() }
        watchers = [:]
        for (engine, _) in known.values { await engine.close() }
        known = [:]
        await http.close()
    }

    private func forget(_ number: Int) { watchers[number] = nil }
}
