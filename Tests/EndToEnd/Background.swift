import Foundation
import Glibc
import Model
import Processes
import TestSupport

/// The loop in the background, with real signals.
struct Background: Sendable {
    let pid: pid_t
    /// What its two outputs are written to, with `.out` and `.err` behind it.
    private let log: String
    private let task: Task<CommandResult, Never>

    /// Starts `reconcile run` and waits until it answers `reconcile wake`.
    static func run(
        _ world: World, _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> Background {
        try await start(world, ["--repo", world.repository.path], arguments, environment: environment)
    }

    /// As `run`, over the repositories that the configuration names.
    static func start(
        _ world: World, _ common: [String] = [], _ arguments: [String] = [], environment: [String: String] = [:]
    ) async throws -> Background {
        let log = world.root + "/loop-\(UInt32.random(in: 0...UInt32.max))"
        let line = "echo $$ >'\(log).pid'; exec \"$0\" \"$@\" >'\(log).out' 2>'\(log).err'"
        let command = Command(
            "/bin/sh",
            ["-c", line, TestBinary.path] + common + ["--state", world.state, "run"] + arguments,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": world.root].merging(environment) { $1 },
            workingDirectory: world.root, timeout: .seconds(600))
        let task = Task { await ProcessRunner().run(command) }
        try await eventually("the loop answers") { await world.reconcile("wake").status == 0 }
        let text = try String(contentsOfFile: log + ".pid", encoding: .utf8)
        guard let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw TestSupportError("the loop has no pid")
        }
        return Background(pid: pid, log: log, task: task)
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Whether all its threads were stopped by a signal.
    var isStopped: Bool {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return !threads.isEmpty
            && threads.allSatisfy { Background.text("/proc/\(pid)/task/\($0)/stat").contains(") T ") }
    }

    /// Everything that it has said so far on standard output.
    var said: String { Background.text(log + ".out") }

    /// Waits until it has ended; what it said. The status is nil where a signal ended it.
    func result() async -> (status: Int32?, output: String, errors: String) {
        let result = await task.value
        var status: Int32?
        if case .exited(let code) = result.ending { status = code }
        return (status, said, Background.text(log + ".err"))
    }

    /// Asks it to end and waits.
    @discardableResult
    func end() async -> (status: Int32?, output: String, errors: String) {
        signal(SIGTERM)
        return await result()
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
