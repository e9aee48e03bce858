import Model
import Processes

/// A real nginx in a folder of its own.
package struct NginxServer: Sendable {
    /// Whether it can be started here.
    package static var isInstalled: Bool { Program.path("nginx") != nil }

    /// The port that its configuration calls `PORT`.
    package let port: Int
    /// Its configuration.
    package let configuration: String
    /// The number of its master process.
    package let pidFile: String

    /// The end of what it had to complain about.
    package var complaints: String {
        let folder = configuration.dropLast("nginx.conf".count)
        return String(((try? TestFile.read(folder + "error.log")) ?? "").suffix(1000))
    }

    /// Starts one whose `http` block holds `text`, in which `PORT` stands for the port and `FOLDER` for the folder.
    package static func serve<R: Sendable>(
        in folder: String, _ text: String, _ body: @Sendable (NginxServer) async throws -> R
    ) async throws -> R {
        let port = try TestServer.freePort()
        let server = NginxServer(port: port, configuration: folder + "/nginx.conf", pidFile: folder + "/nginx.pid")
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
        let whole = """
            pid \(server.pidFile);
            error_log \(folder)/error.log;
            worker_processes 2;
            daemon off;
            events { worker_connections 512; }
            http {
            access_log off;
            \(paths.joined(separator: "\n"))

            """ + text.replacing("PORT", with: "\(port)").replacing("FOLDER", with: folder) + "\n}\n"
        try TestFile.write(server.configuration, whole)
        let command = Command(
            Program.path("nginx") ?? "nginx", ["-e", folder + "/error.log", "-c", server.configuration],
            environment: ["PATH": "/usr/sbin:/usr/bin:/bin"], workingDirectory: folder, timeout: .seconds(600))
        return try await TestServer.run(command, port: port) { try await body(server) }
    }
}
