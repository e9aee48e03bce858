import Processes

/// Every engine that was asked for, each kept.
actor Engines {
    private let http = EngineHTTP()
    private let runner: ProcessRunner
    private let environment: [String: String]
    private var known: [EngineAccess: Engine] = [:]
    private var watchers: [Int: AsyncStream<Engine>.Continuation] = [:]
    private var next = 0

    init(runner: ProcessRunner, environment: [String: String]) {
        self.runner = runner
        self.environment = environment
    }

    func engine(_ access: EngineAccess) -> Engine {
        if let engine = known[access] { return engine }
        let engine = Engine(access, http: http, runner: runner, environment: environment)
        known[access] = engine
        for watcher in watchers.values { watcher.yield(engine) }
        return engine
    }

    /// Every engine, those that are asked for later too.
    func all() -> AsyncStream<Engine> {
        let (engines, continuation) = AsyncStream<Engine>.makeStream()
        next += 1
        let number = next
        watchers[number] = continuation
        continuation.onTermination = { _ in Task { await self.forget(number) } }
        for engine in known.values { continuation.yield(engine) }
        return engines
    }

    func close() async {
        for watcher in watchers.values { watcher.finish() }
        watchers = [:]
        for engine in known.values { await engine.close() }
        known = [:]
        await http.close()
    }

    private func forget(_ number: Int) { watchers[number] = nil }
}
