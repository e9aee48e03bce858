import DriverKit
import FoundationEssentials
import Glibc
import Model
import Processes
import ShellDriver

/// A driver, a temporary folder for its world, and short ways to make targets.
final class Bench: Sendable {
    let path: String
    let driver: ShellDriver

    init(slots: Int = 16, baseEnvironment: [String: String] = ["PATH": "/usr/bin:/bin", "SECRET_OF_OURS": "x"]) throws {
        var template = Array("/tmp/shell-driver-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(reason: "mkdtemp failed") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        driver = ShellDriver(
            runner: ProcessRunner(runID: "bench"), slots: Slots(slots), baseEnvironment: baseEnvironment)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func target(
        _ lines: [String: String], _ entries: [String: Value] = [:], instance: String = "site-1", index: Int = 1,
        digest: Digest = Digest(ofText: "wanted")
    ) -> InstanceTarget {
        let least = ["observe": "true", "apply": "true", "remove": "true"]
        let block = least.merging(lines) { $1 }.mapValues { Value.string($0) }.merging(entries) { $1 }
        return InstanceTarget(
            environment: "staging", workload: "site", instance: instance, index: index, commit: "c0ffee",
            deployable: Deployable(driver: "shell", block: .map(block), files: [], digest: digest, health: nil),
            folder: path)
    }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }

    func text(_ name: String) -> String? {
        (try? Data(contentsOf: URL(filePath: "\(path)/\(name)"))).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Why a test cannot go on.
struct Failure: Error {
    var reason: String
}
