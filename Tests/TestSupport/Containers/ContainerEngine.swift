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
    package func docker(_ arguments: String..., input: [UInt8] = []) async throws -> String {
        let result = await ProcessRunner().run(
            Command(
                "docker", ["--host", address] + arguments,
                environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": folder], input: input,
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

    /// Takes away every container of an environment.
    package func clear(_ environment: String) async throws {
        for name in try await containers(of: environment) { _ = try? await docker("rm", "--force", "--volumes", name) }
    }
}
