import DriverKit
import Foundation
import Glibc
import Model
import Processes
import Synchronization
import TestSupport

/// A folder of one test's own with a plugin in it.
struct Bench: Sendable {
    let folder: String
    let runID: String

    static func with(_ body: (Bench) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in
            try await body(Bench(folder: folder, runID: "plugin-\(UInt64.random(in: 0...UInt64.max))"))
        }
    }

    /// A driver `thing` whose program is this script, in Python where nothing else is said.
    func driver(
        _ script: String, shell: Bool = false, timeout: TimeSpan = .seconds(120), idle: TimeSpan = .seconds(300),
        environment: [String: Text] = [:]
    ) throws -> PluginDriver {
        let path = folder + "/reconcile-driver-thing"
        let head = shell ? "#!/bin/sh\n" : "#!/usr/bin/python3\n" + Bench.python
        try (head + script).write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, 0o755)
        return driver(at: path, timeout: timeout, idle: idle, environment: environment)
    }

    func driver(
        at path: String?, timeout: TimeSpan = .seconds(120), idle: TimeSpan = .seconds(300),
        environment: [String: Text] = [:]
    ) -> PluginDriver {
        PluginDriver(
            PluginSettings(name: "thing", path: path, timeout: timeout, idle: idle, environment: environment),
            runner: ProcessRunner(runID: runID), slots: Slots(16),
            baseEnvironment: ["PATH": "/usr/bin:/bin", "HOME": folder, "SHELL": "/bin/false"])
    }

    /// What every Python script begins with: `hello(…)`, `say(…)`, `line()` and, for plain answers, `serve(answer)`.
    private static let python = """
        import json, os, sys, time
        HERE = os.path.dirname(os.path.abspath(__file__))
        def say(**message):
            print(json.dumps(message), flush=True)
        def line():
            text = sys.stdin.readline()
            if not text:
                sys.exit(0)
            return json.loads(text)
        def hello(**more):
            first = line()
            answer = {"protocol": 1, "name": "thing", "version": "7"}
            answer.update(more)
            say(hello=answer)
            return first
        def add(name, text):
            with open(HERE + "/" + name, "a") as file:
                file.write(text + "\\n")
        def serve(answer):
            while True:
                request = line()
                if "request" in request:
                    say(id=request["id"], **answer(request))

        """

    /// An instance with this block.
    func target(
        _ block: [String: Value] = [:], index: Int = 1, driver: any Driver,
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) -> InstanceTarget {
        let digest = driver.digest(block: .map(block), files: [])
        return InstanceTarget(
            environment: "staging", workload: "note", instance: "note-\(index)", index: index, commit: "c0ffee",
            deployable: Deployable(
                driver: driver.description.name, block: .map(block), files: [], digest: digest, health: nil),
            folder: folder, tell: tell)
    }

    /// The lines of a file that the plugin wrote.
    func lines(_ name: String) -> [String] {
        (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8))?.split(separator: "\n").map(String.init)
            ?? []
    }

    /// How many processes of this bench are there.
    var processes: Int { Bench.count("RECONCILE_RUN=\(runID)") }

    private static func count(_ variable: String) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.filter { pid in
            guard Int(pid) != nil, let data = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else {
                return false
            }
            return data.split(separator: 0).contains { String(decoding: $0, as: UTF8.self) == variable }
        }.count ?? 0
    }
}

/// Keeps what is told, from any thread.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

extension [Observation] {
    /// Why the first could not be seen; empty where it could.
    var reason: String {
        if case .unknown(let reason)? = first { return reason }
        return ""
    }
}
