import FoundationEssentials
import Model
import Processes

/// A real `docker-registry` on loopback that lets in one user, `reconcile` with the password `opensesame`.
package struct Registry: Sendable {
    /// What images in it begin with, `127.0.0.1:PORT`.
    package let name: String
    /// A folder with a `config.json` that signs in there.
    package let login: String

    /// Why there can be none on this machine, for the reason of a skipped test; nil where there can.
    package static let missing: String? =
        FileManager.default.isExecutableFile(atPath: "/usr/bin/docker-registry")
        ? nil : "the program docker-registry is missing; make setup installs it"

    /// Keeps its files in `folder` and lends it until `body` ends.
    package static func serve<R: Sendable>(
        in folder: String, _ body: @Sendable (Registry) async throws -> R
    ) async throws -> R {
        let port = try TestServer.freePort()
        try FileManager.default.createDirectory(atPath: folder + "/login", withIntermediateDirectories: true)
        let users = "reconcile:$2b$04$0dEhGDvywng5KPeLVYis3.tmA0bO6v3PTriTUyerzNQ0U646Gm4CW\n"
        let configuration = """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: \(folder)/images}}
            http: {addr: "127.0.0.1:\(port)"}
            auth: {htpasswd: {realm: test, path: \(folder)/users}}
            """
        let auth = Data("reconcile:opensesame".utf8).base64EncodedString()
        for (path, text) in [
            ("users", users), ("registry.yml", configuration),
            ("login/config.json", #"{"auths": {"127.0.0.1:\#(port)": {"auth": "\#(auth)"}}}"#),
        ] { try Data(text.utf8).write(to: URL(filePath: folder + "/" + path)) }
        let command = Command(
            "docker-registry", ["serve", folder + "/registry.yml"], environment: ["PATH": "/usr/bin:/bin"],
            timeout: .seconds(600))
        return try await TestServer.run(command, port: port) {
            try await body(Registry(name: "127.0.0.1:\(port)", login: folder + "/login"))
        }
    }
}
