import Glibc
import Model
import Processes

/// A real HAProxy with a frontend, in a folder of its own. Its runtime API is at `socket`.
package struct HAProxyServer: Sendable {
    /// Whether it can be started here.
    package static var isInstalled: Bool { Program.path("haproxy") != nil }

    /// The port of its frontend.
    package let port: Int
    /// The runtime API's socket.
    package let socket: String
    /// Its configuration.
    package let configuration: String
    private let pidFile: String

    /// Starts one whose configuration ends with `sections`, in which `PORT` stands for the frontend's port and `FOLDER` for
    /// the folder.
    package static func serve<R: Sendable>(
        in folder: String, _ sections: String, _ body: @Sendable (HAProxyServer) async throws -> R
    ) async throws -> R {
        let port = try TestServer.freePort()
        let server = HAProxyServer(
            port: port, socket: folder + "/admin.sock", configuration: folder + "/haproxy.cfg",
            pidFile: folder + "/haproxy.pid")
        let text = """
            global
                stats socket \(server.socket) mode 600 level admin expose-fd listeners
            defaults
                mode http
                timeout connect 5s
                timeout client 60s
                timeout server 60s

            """ + sections.replacing("PORT", with: "\(port)").replacing("FOLDER", with: folder) + "\n"
        try TestFile.write(server.configuration, text)
        let command = Command(
            Program.path("haproxy") ?? "haproxy", ["-W", "-f", server.configuration, "-p", server.pidFile],
            environment: ["PATH": "/usr/sbin:/usr/bin:/bin"], workingDirectory: folder, timeout: .seconds(600))
        return try await TestServer.run(command, port: port) { try await body(server) }
    }

    /// Has it read its configuration anew, and waits until the process of before takes no connections any more.
    package func reload() async throws {
        guard let master = Int32(try TestFile.read(pidFile).prefix { $0.isNumber }) else {
            throw TestSupportError("HAProxy left no pid")
        }
        let former = try await say("show info")
        kill(master, SIGUSR2)
        for _ in 0..<500 {
            try await Task.sleep(for: .milliseconds(20))
            let now = (try? await say("show info")) ?? ""
            if Self.pid(now) != nil, Self.pid(now) != Self.pid(former) { return }
        }
        throw TestSupportError("HAProxy was not reloaded within 10 s")
    }

    /// Sends a line to the runtime API and returns the answer.
    package func say(_ line: String) async throws -> String {
        let socket = socket
        let answer = await OwnThread.run { TestServer.ask(socket: socket, line + "\n") }
        guard let answer else { throw TestSupportError("HAProxy's socket does not answer") }
        return answer
    }

    private static func pid(_ info: String) -> String? {
        info.split(separator: "\n").first { $0.hasPrefix("Pid: ") }.map(String.init)
    }
}
