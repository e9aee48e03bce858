import Model
import Processes
import Synchronization

/// Keeps one plugin: starts it with the first request, hands requests to it, and starts it anew when it died, with a
/// longer pause each time.
actor PluginHost {
    /// What the plugin said of itself when it was last started; nil before.
    nonisolated var lastHello: PluginHello? { said.withLock { $0 } }

    /// Set once a process of it said the value of a secret.
    nonisolated let saidSecrets = Flag()
    /// How often it was started and said hello.
    private(set) var starts = 0

    private nonisolated let said = Mutex<PluginHello?>(nil)
    private let settings: PluginSettings
    private let runner: ProcessRunner
    private let environment: [String: String]
    private var process: PluginProcess?
    private var starting: Task<Result<PluginProcess, PluginFailure>, Never>?
    private var deaths = 0
    /// When it may be started again, on the monotonic clock, and why not before.
    private var pause: (until: Int64, failure: PluginFailure)?
    private var isClosed = false

    init(_ settings: PluginSettings, runner: ProcessRunner, environment: [String: String]) {
        self.settings = settings
        self.runner = runner
        self.environment = environment
    }

    /// The process that requests go to, started where there is none. Throws while it may not be started again.
    func living() async throws(PluginFailure) -> PluginProcess {
        if let process {
            if process.claim() { return process }
            self.process = nil
            if let death = process.death, death.wasWanted { mourn(death.failure, at: death.at, life: death.life) }
        }
        if let starting { return try await starting.value.get() }
        if isClosed { throw PluginFailure("the driver \(settings.name) is asked nothing any more") }
        if let pause {
            let rest = pause.until - Monotonic.now
            if rest > 0 {
                let wait = TimeSpan(milliseconds: (rest + 999) / 1000 * 1000)
                throw PluginFailure("\(pause.failure.reason); it is not started again for \(wait)")
            }
        }
        let task = Task { [settings, runner, environment, saidSecrets] () -> Result<PluginProcess, PluginFailure> in
            do throws(PluginFailure) {
                return .success(
                    try await PluginProcess.start(
                        settings, runner: runner, environment: environment, saidSecrets: saidSecrets))
            } catch {
                return .failure(error)
            }
        }
        starting = task
        let result = await task.value
        starting = nil
        switch result {
        case .success(let started):
            process = started
            starts += 1
            said.withLock { $0 = started.hello }
            if isClosed { await started.close() }
        case .failure(let failure): mourn(failure, at: Monotonic.now, life: .zero)
        }
        return try result.get()
    }

    /// Another process of it, to be told freely.
    func probe() async throws(PluginFailure) -> PluginProbe {
        let command = try settings.command(environment)
        do throws(NotStarted) {
            return PluginProbe(try await runner.keep(command), settings)
        } catch {
            throw PluginFailure("the driver \(settings.name) cannot be started: \(VisibleText.line(error.reason))")
        }
    }

    /// Ends the plugin, and starts it no more.
    func close() async {
        isClosed = true
        if let starting { _ = await starting.value }
        await process?.close()
        process = nil
    }

    private func mourn(_ failure: PluginFailure, at time: Int64, life: TimeSpan) {
        deaths = life >= PluginProtocol.healthy ? 1 : deaths + 1
        pause = (time + PluginProtocol.pause(afterDeaths: deaths).milliseconds, failure)
    }
}
