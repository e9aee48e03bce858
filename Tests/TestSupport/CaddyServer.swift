import Model
import Processes

/// A real Caddy in a folder of its own, with its admin API at `socket`.
package struct CaddyServer: Sendable {
    /// Whether it can be started here.
    package static var isInstalled: Bool { Program.path("caddy") != nil }

    /// The port that its configuration calls `PORT`.
    package let port: Int
    /// The admin API's socket.
    package let socket: String

    /// Starts one with a configuration in JSON, in which `PORT` stands for the port and `FOLDER` for the folder.
    package static func serve<R: Sendable>(
        in folder: String, _ json: String, _ body: @Sendable (CaddyServer) async throws -> R
    ) async throws -> R {
        let port = try TestServer.freePort()
        let file = folder + "/caddy.json"
        try TestFile.write(file, json.replacing("PORT", with: "\(port)").replacing("FOLDER", with: folder))
        let command = Command(
            Program.path("caddy") ?? "caddy", ["run", "--config", file],
            environment: ["PATH": "/usr/sbin:/usr/bin:/bin", "HOME": folder, "XDG_DATA_HOME": folder],
            workingDirectory: folder, timeout: .seconds(600))
        return try await TestServer.run(command, port: port) {
            try await body(CaddyServer(port: port, socket: folder + "/caddy.sock"))
        }
    }
}
