import Checks
import ContainerDriver
import DriverKit
import Engine
import FoundationEssentials
import Git
import Model
import Processes
import SSHDriver
import ShellDriver

/// The concrete parts behind a pass, made from the settings. The only place that knows all of them.
struct Parts: Sendable {
    var runner: ProcessRunner
    var drivers: DriverRegistry
    var checker: Checker
    var sources: [NamedSource]
    var baseEnvironment: [String: String]

    /// `runID` marks every child, so that a later start can find those that were left behind; `stateID` is the id of the
    /// record, nil where there is none. Throws where no repository is named.
    init(_ settings: Settings, runID: String, stateID: String?) throws(CommandFailure) {
        runner = ProcessRunner(runID: runID)
        baseEnvironment = ProcessInfo.processInfo.environment
        DescriptorLimit.raise(forCommands: settings.parallel)
        let slots = Slots(settings.parallel)
        drivers = Parts.drivers(
            settings.plugins, runner, slots, baseEnvironment, state: settings.state,
            owner: Owner(state: stateID, named: settings.owner))
        checker = Checker(runner: runner, slots: slots, baseEnvironment: baseEnvironment)
        // The file itself may have been replaced by a newer version while we run.
        let workers = FetchWorkers(executable: "/proc/self/exe", runner: runner)
        let threads = ReaderThreads()
        sources = try settings.namedSources().map {
            NamedSource(
                name: $0.name, source: Parts.source($0, state: settings.state, workers, threads),
                interval: $0.interval)
        }
    }

    private static func source(
        _ settings: SourceSettings, state: String, _ workers: FetchWorkers, _ threads: ReaderThreads
    ) -> GitSource {
        GitSource(
            GitSourceConfiguration(
                address: settings.repo, following: settings.following, path: settings.path,
                stateFolder: settings.folder(in: state), timeout: settings.timeout, access: settings.access,
                environment: ProcessInfo.processInfo.environment, workers: workers, threads: threads))
    }

    /// What drivers there are, for commands that reach nothing.
    static func drivers(_ plugins: [PluginSettings]) -> DriverRegistry {
        drivers(plugins, ProcessRunner(), Slots(1), [:], state: "")
    }

    /// Drivers for a command that works with nothing else of a session.
    static func workingDrivers(_ settings: Settings) -> DriverRegistry {
        drivers(
            settings.plugins, ProcessRunner(runID: "driver-check"), Slots(settings.parallel), settings.variables.all,
            state: settings.state)
    }

    /// The names of the drivers that need no plugin.
    static var builtIn: [String] { drivers([]).descriptions.map(\.name) }

    /// What is built in comes last, and so wins over a plugin of its name.
    private static func drivers(
        _ plugins: [PluginSettings], _ runner: ProcessRunner, _ slots: Slots, _ baseEnvironment: [String: String],
        state: String, owner: Owner? = nil
    ) -> DriverRegistry {
        DriverRegistry(
            plugins.map { PluginDriver($0, runner: runner, slots: slots, baseEnvironment: baseEnvironment) }
                + [
                    ContainerDriver(runner: runner, slots: slots, baseEnvironment: baseEnvironment, owner: owner),
                    SSHDriver(
                        runner: runner, slots: slots, baseEnvironment: baseEnvironment, state: state, owner: owner),
                    ShellDriver(runner: runner, slots: slots, baseEnvironment: baseEnvironment),
                ])
    }
}

extension Settings {
    /// What the engine is told; `only` are the environments that were named, all if nil.
    func engine(only: Set<String>? = nil) -> EngineSettings {
        EngineSettings(
            state: state, parallel: parallel, trustsRecord: trustsRecord, allowDelete: allowDelete, only: only,
            jitter: jitter, notify: notify, notifyFolder: configFolder,
            keepReconciles: historyKeep, keepDays: historyDays)
    }

    /// The record's file.
    var recordPath: String { Paths.join(state, "reconcile.sqlite") }
}
