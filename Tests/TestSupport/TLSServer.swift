import Model
import Processes

/// A real TLS server, `openssl s_server`, whose certificate for `localhost` was signed by an authority of its own.
package struct TLSServer: Sendable {
    /// `https://localhost:PORT/` is answered with 200.
    package let port: Int
    /// The authority's certificate, a file that could stand for all that a machine trusts.
    package let authority: String

    private static let signing = """
        set -e
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem
        openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out request.pem
        echo subjectAltName=DNS:localhost >names
        openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -set_serial 1 -days 2 -extfile names -out cert.pem
        """

    /// Keeps its keys in `folder` and lends the server until `body` ends.
    package static func serve<R: Sendable>(
        in folder: String, _ body: @Sendable (TLSServer) async throws -> R
    ) async throws -> R {
        let environment = ["PATH": "/usr/bin:/bin", "HOME": folder]
        let signed = await ProcessRunner().run(
            Command("/bin/sh", ["-c", signing], environment: environment, workingDirectory: folder))
        guard signed.succeeded else {
            throw TestSupportError("no certificate: \(String(decoding: signed.errors, as: UTF8.self))")
        }
        let port = try TestServer.freePort()
        let command = Command(
            "openssl",
            ["s_server", "-quiet", "-www", "-accept", "127.0.0.1:\(port)", "-cert", "cert.pem", "-key", "key.pem"],
            environment: environment, workingDirectory: folder, timeout: .seconds(600))
        return try await TestServer.run(command, port: port) {
            try await body(TLSServer(port: port, authority: folder + "/ca.pem"))
        }
    }
}
