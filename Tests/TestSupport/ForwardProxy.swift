import FoundationEssentials
import Glibc
import Model
import Processes

/// A real forward proxy, `tinyproxy`.
package struct ForwardProxy: Sendable {
    /// `http://127.0.0.1:PORT`.
    package let url: String
    private let log: String

    /// Everything that it did, a line each.
    package var said: String {
        (try? Data(contentsOf: URL(filePath: log))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Keeps its files in `folder` and lends it until `body` ends. With a user and a password it asks for them.
    package static func serve<R: Sendable>(
        in folder: String, user: String? = nil, password: String? = nil,
        _ body: @Sendable (ForwardProxy) async throws -> R
    ) async throws -> R {
        let port = try TestServer.freePort()
        let (file, log) = (folder + "/proxy.conf", folder + "/proxy.log")
        var lines = [
            "Port \(port)", "Listen 127.0.0.1", "Timeout 60", "LogFile \"\(log)\"", "LogLevel Connect",
            "Allow 127.0.0.1",
        ]
        if let user, let password { lines.append("BasicAuth \(user) \(password)") }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: file))
        let command = Command(
            "tinyproxy", ["-d", "-c", file], environment: ["PATH": "/usr/bin:/bin:/usr/sbin"], timeout: .seconds(600))
        return try await TestServer.run(command, port: port) {
            try await body(ForwardProxy(url: "http://127.0.0.1:\(port)", log: log))
        }
    }
}
