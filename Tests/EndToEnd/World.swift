import Foundation
import Glibc
import Model
import Processes
import TestSupport

/// A small world of one test's own: a repository, a folder in which the shell driver's instances live, a state folder,
/// and the built binary between them.
struct World: Sendable {
    /// Everything is below it.
    let root: String
    let repository: TestRepository

    var live: String { root + "/live" }
    var state: String { root + "/state" }

    static func with(_ body: (World) async throws -> Void) async throws {
        try await TemporaryFolder.with { root in
            let repository = try await TestRepository.create(at: root + "/repo")
            try FileManager.default.createDirectory(atPath: root + "/live", withIntermediateDirectories: true)
            try await body(World(root: root, repository: repository))
        }
    }

    /// What a run of the binary came to.
    struct Run {
        var status: Int32
        var output: String
        var errors: String
        var ending: CommandResult.Ending

        /// Standard output as JSON.
        func json() throws -> [String: Any] {
            guard let object = try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] else {
                throw TestSupportError("no JSON but \(ending): \(output) \(errors)")
            }
            return object
        }

        /// One environment of a pass's JSON.
        func environment(_ name: String) throws -> [String: Any] {
            let all = try json()["environments"] as? [[String: Any]] ?? []
            guard let found = all.first(where: { $0["name"] as? String == name }) else {
                throw TestSupportError("no \(name) in \(output) \(errors)")
            }
            return found
        }

        /// Whether the exit status and staging's outcome are these.
        func came(_ status: Int32, _ outcome: String) -> Bool {
            self.status == status && (try? self.outcome("staging")) == outcome
        }

        func outcome(_ name: String) throws -> String { try environment(name)["outcome"] as? String ?? "" }
    }

    /// Runs `reconcile` with the repository and the state folder of this world.
    @discardableResult
    func reconcile(_ arguments: String..., environment: [String: String] = [:], timeout: TimeSpan = .seconds(300)) async
        -> Run
    {
        await reconcile(arguments, environment: environment, timeout: timeout)
    }

    @discardableResult
    func reconcile(
        _ arguments: [String], environment: [String: String] = [:], timeout: TimeSpan = .seconds(300)
    ) async -> Run {
        await run(
            ["--repo", repository.path, "--state", state] + arguments, environment: environment, timeout: timeout)
    }

    /// Runs `reconcile` with nothing but these arguments.
    func run(
        _ arguments: [String], environment: [String: String] = [:], timeout: TimeSpan = .seconds(300)
    ) async -> Run {
        let result = await ProcessRunner().run(
            Command(
                TestBinary.path, arguments,
                environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": root].merging(environment) { $1 },
                workingDirectory: root, timeout: timeout, outputLimit: 8 << 20))
        var status: Int32 = -1
        if case .exited(let code) = result.ending { status = code }
        return Run(
            status: status, output: String(decoding: result.output, as: UTF8.self),
            errors: String(decoding: result.errors, as: UTF8.self), ending: result.ending)
    }

    /// A pass with `-o json`.
    func pass(_ arguments: String..., environment: [String: String] = [:]) async -> Run {
        await reconcile(arguments + ["-o", "json"], environment: environment)
    }

    /// `environment.yaml` with these further lines.
    static func environment(_ lines: String...) -> String {
        "kind: Environment\n" + lines.joined(separator: "\n") + "\n"
    }

    /// A workload whose instances are files: `apply` writes the digest and the version, and appends a line to `acts`.
    /// `before` runs first in `apply`; a command that fails there makes the try fail.
    func workload(
        _ name: String = "web", version: String = "1", replicas: Int = 1, before: String = "true",
        rollout: String = "{min_healthy_time: 0s}", more: String = "", shell: String = ""
    ) -> String {
        """
        kind: Workload
        name: \(name)
        driver: shell
        replicas: \(replicas)
        rollout: \(rollout)
        \(more)
        shell:
          env: {ROOT: "\(live)", VERSION: "\(version)"}
          observe: cat "$ROOT/$RECONCILE_ENVIRONMENT-$RECONCILE_INSTANCE/digest" 2>/dev/null || true
          apply: |
            set -e
            here="$ROOT/$RECONCILE_ENVIRONMENT-$RECONCILE_INSTANCE"
            \(before)
            mkdir -p "$here"
            echo "$VERSION" >"$here/version"
            echo "apply $RECONCILE_INSTANCE $VERSION" >>"$ROOT/acts"
            printf %s "$RECONCILE_DIGEST" >"$here/new" && mv "$here/new" "$here/digest"
          remove: |
            echo "remove $RECONCILE_INSTANCE" >>"$ROOT/acts"
            rm -rf "$ROOT/$RECONCILE_ENVIRONMENT-$RECONCILE_INSTANCE"
        \(shell)

        """
    }

    /// The version that runs as an instance; nil where nothing does.
    func version(_ instance: String, in environment: String = "staging") -> String? {
        read("live/\(environment)-\(instance)/version")?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Waits until this many rollouts were applied and recorded; an instance runs before its rollout is over.
    func applied(_ count: Int) async throws {
        try await eventually("\(count) applied") {
            try await sql("SELECT count(*) FROM reconciles WHERE outcome = 'applied'") == ["\(count)"]
        }
    }

    /// What was done, in order: `apply web-1 2`, `remove web-1`.
    var acts: [String] { read("live/acts")?.split(separator: "\n").map(String.init) ?? [] }

    /// A file below the root.
    func read(_ path: String) -> String? { try? String(contentsOfFile: root + "/" + path, encoding: .utf8) }

    /// Asks the record with the `sqlite3` shell; one line a row, columns parted by `|`.
    func sql(_ query: String) async throws -> [String] {
        let result = await ProcessRunner().run(
            Command(
                "sqlite3", ["-readonly", "-cmd", ".timeout 60000", state + "/reconcile.sqlite", query],
                environment: ["PATH": "/usr/bin:/bin"]))
        guard result.succeeded else { throw TestSupportError(String(decoding: result.errors, as: UTF8.self)) }
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Changes the record behind the program's back.
    func write(_ statement: String) async throws {
        let result = await ProcessRunner().run(
            Command(
                "sqlite3", ["-cmd", ".timeout 60000", state + "/reconcile.sqlite", statement],
                environment: ["PATH": "/usr/bin:/bin"]))
        guard result.succeeded else { throw TestSupportError(String(decoding: result.errors, as: UTF8.self)) }
    }

    /// Processes that carry the mark of this state folder.
    func survivors() async throws -> [String] {
        let state = try await sql("SELECT value FROM meta WHERE key = 'state_id'").first ?? ""
        return (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.filter { pid in
            guard Int(pid) != nil, let data = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else {
                return false
            }
            return data.split(separator: 0).contains { String(decoding: $0, as: UTF8.self) == "RECONCILE_RUN=\(state)" }
        } ?? []
    }
}
