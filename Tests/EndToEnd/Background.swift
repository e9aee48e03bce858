import Foundation
import Glibc
import Model
import Processes
import TestSupport

/// The loop in the background, with real signals.
struct Background: Sendable {
    let pid: pid_t
    private let task: Task<CommandResult, Never>

    /// Starts `reconcile run` and waits until it answers `reconcile wake`.
    static func run(_ world: World, _ arguments: String..., environment: [String: String] = [:]) async throws -> Background {
        let marker = world.root + "/loop-\(UInt32.random(in: 0...UInt32.max)).pid"
        let line = "echo $$ >'\(marker)'; exec \"$0\" \"$@\""
        let command = Command(
            "/bin/sh",
            ["-c", line, TestBinary.path, "--repo", world.repository.path, "--state", world.state, "run"] + arguments,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": world.root].merging(environment) { $1 },
            workingDirectory: world.root, timeout: .seconds(120), outputLimit: 8 << 20)
        let task = Task { await ProcessRunner().run(command) }
        try await eventually("the loop answers") { await world.reconcile("wake").status == 0 }
        guard let pid = pid_t((try String(contentsOfFile: marker, encoding: .utf8)).trimmingCharacters(in: .whitespacesAndNewlines))
        else { throw TestSupportError("the loop has no pid") }
        return Background(pid: pid, task: task)
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Waits until it has ended; what it said.
    func result() async -> (status: Int32?, output: String, errors: String) {
        let result = await task.value
        var status: Int32?
        if case .exited(let code) = result.ending { status = code }
        return (status, String(decoding: result.output, as: UTF8.self), String(decoding: result.errors, as: UTF8.self))
    }

    /// Asks it to end and waits.
    @discardableResult
    func end() async -> (status: Int32?, output: String, errors: String) {
        signal(SIGTERM)
        return await result()
    }
}

/// Asks again and again until it is so; throws after twenty seconds.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(20)
    while clock.now < end {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw TestSupportError("not within 20 s: \(what)")
}
