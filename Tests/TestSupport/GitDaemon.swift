import Model
import Processes

/// A real `git daemon`.
package enum GitDaemon {
    /// Serves every repository below a folder and lends its address, `git://127.0.0.1:PORT`.
    package static func serve<R: Sendable>(
        _ folder: String, _ body: @Sendable (String) async throws -> R
    ) async throws -> R {
        let port = try TestServer.freePort()
        let command = Command(
            "git",
            [
                "daemon", "--export-all", "--listen=127.0.0.1", "--port=\(port)", "--base-path=\(folder)",
                "--reuseaddr",
                folder,
            ],
            // The daemon refuses what other users own; the folders of tests may be anyone's.
            environment: [
                "PATH": "/usr/bin:/bin", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory",
                "GIT_CONFIG_VALUE_0": "*", "HOME": "/nonexistent",
            ], timeout: .seconds(600))
        return try await TestServer.run(command, port: port) { try await body("git://127.0.0.1:\(port)") }
    }
}
