import FoundationEssentials
import Model
import Processes

/// A real container engine that the tests started, on a unix socket. `DockerEngine` and `PodmanEngine` lend one that all
/// tests of a run share, so a test uses an environment name of its own and takes away what it made: see `clear`.
package struct ContainerEngine: Sendable {
    /// Where it listens.
    package let socket: String
    /// Its folder: the socket, and whatever the engine says in `log`.
    package let folder: String

    /// `unix:///…`, as manifests and `DOCKER_HOST` have it.
    package var address: String { "unix://" + socket }

    /// Runs the `docker` command against it and returns what it prints. Throws where it fails.
    @discardableResult
    package func docker(_ arguments: String...) async throws -> String { try await docker(arguments) }

    @discardableResult
    private func docker(_ arguments: [String]) async throws -> String {
        let result = await ProcessRunner().run(
            Command(
                "docker", ["--host", address] + arguments,
                environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": folder],
                timeout: .seconds(120)))
        guard result.succeeded else {
            throw TestSupportError(
                "docker \(arguments.joined(separator: " ")): \(result.ending) "
                    + String(decoding: result.errors, as: UTF8.self))
        }
        return String(decoding: result.output, as: UTF8.self)
    }

    /// Gives it an image.
    package func load(_ image: TestImage) async throws {
        try await TemporaryFolder.with { folder in
            let archive = try await image.archive(in: folder)
            try await docker("load", "--quiet", "--input", archive)
        }
    }

    /// The names of the containers of an environment, those that do not run too, sorted.
    package func containers(of environment: String) async throws -> [String] {
        try await docker(
            "ps", "--all", "--filter", "label=reconcile.environment=\(environment)", "--format", "{{.Names}}"
        )
        .split(separator: "\n").map(String.init).sorted()
    }

    /// Makes a network. Its bridge is named so that it goes with the engine.
    package func network(_ name: String) async throws {
        let bridge = (try? String(contentsOfFile: folder + "/bridge", encoding: .utf8)).map {
            ["--opt", "com.docker.network.bridge.name=\($0)-\(Int.random(in: 0..<1000))"]
        }
        try await docker(["network", "create"] + (bridge ?? []) + [name])
    }

    /// Ends the engine, and with it its containers; only for one of a test's own.
    package func stop() async throws {
        try await TestTool.run("touch", ["stop"], in: folder)
        try await TestTool.run("/bin/sh", ["-c", "until [ -e stopped ]; do sleep 0.05; done"], in: folder)
    }

    /// Begins it again after `stop`.
    package func resume() async throws {
        try await TestTool.run("rm", ["stop"], in: folder)
        for attempt in 1... {
            do {
                try await docker("version")
                return
            } catch {
                guard attempt < 600 else { throw error }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Leaves the engine no room on its disk; only for one of a test's own.
    package func fillDisk() async throws {
        try await TestTool.run(
            "/bin/sh", ["-c", "cat /dev/zero >/proc/$(cat pid)/root$PWD/data/filler 2>/dev/null || true"], in: folder)
    }

    /// Gives back what `fillDisk` took.
    package func freeDisk() async throws {
        try await TestTool.run("/bin/sh", ["-c", "rm /proc/$(cat pid)/root$PWD/data/filler"], in: folder)
    }

    /// Takes away every container of an environment.
    package func clear(_ environment: String) async throws {
        for name in try await containers(of: environment) { _ = try? await docker("rm", "--force", "--volumes", name) }
    }
}
