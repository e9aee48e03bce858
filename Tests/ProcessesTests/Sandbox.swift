import FoundationEssentials
import Glibc
import Model
import Processes

/// A temporary folder that goes away with the test, and short ways to run and look.
final class Sandbox: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/processes-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("mkdtemp failed") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The whole of a file, nil where there is none.
    func text(_ name: String) -> String? {
        guard let file = fopen("\(path)/\(name)", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        guard let file = fopen("\(path)/\(name)", "w") else { throw Failure("cannot write \(name)") }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    /// Runs a shell script in this folder.
    func shell(
        _ script: String, environment: [String: String] = [:], secrets: [String: Secret] = [:], input: [UInt8] = [],
        timeout: TimeSpan = .seconds(200), limit: Int = 65_536, merges: Bool = false,
        runner: ProcessRunner = ProcessRunner()
    ) async -> CommandResult {
        var command = Command(
            "/bin/sh", ["-c", script], environment: environment, secrets: secrets, workingDirectory: path, input: input,
            timeout: timeout, outputLimit: limit)
        command.environment["PATH"] = "/usr/bin:/bin"
        command.mergesErrors = merges
        return await runner.run(command)
    }
}

/// Why a test cannot go on.
struct Failure: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}

/// Tries with a longer and a longer deadline until `isReached` says that the command had come far enough by then: how far
/// it comes in a given time depends on the machine.
func withDeadlines(
    _ run: (TimeSpan) async -> CommandResult, until isReached: (CommandResult) -> Bool
) async -> CommandResult {
    for span in [300, 3000] as [Int64] {
        let result = await run(TimeSpan(milliseconds: span))
        if isReached(result) { return result }
    }
    return await run(.seconds(30))
}

/// Whether a process is there and not only a zombie.
func isAlive(_ pid: pid_t) -> Bool {
    guard let file = fopen("/proc/\(pid)/stat", "r") else { return false }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = fread(&buffer, 1, buffer.count, file)
    let text = String(decoding: buffer.prefix(count), as: UTF8.self)
    return !text.contains(") Z ")
}

extension CommandResult {
    var outputText: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { String(decoding: errors, as: UTF8.self) }
}

extension Secret {
    init(_ text: String) { self.init(Array(text.utf8)) }
}
