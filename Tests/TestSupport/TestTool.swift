import Glibc
import Model
import Processes

/// Runs the tools that tests prepare their surroundings with.
package enum TestTool {
    /// Runs one and returns its standard output. Throws where it fails.
    @discardableResult
    package static func run(
        _ tool: String, _ arguments: [String], in folder: String, environment: [String: String] = [:]
    ) async throws -> String {
        let base = ["PATH": "/usr/bin:/bin:/usr/sbin", "HOME": folder, "LC_ALL": "C.UTF-8"]
        let result = await ProcessRunner().run(
            Command(
                tool, arguments, environment: base.merging(environment) { $1 }, workingDirectory: folder,
                timeout: .seconds(120)))
        guard result.succeeded else {
            throw TestSupportError(
                "\(tool) \(arguments.joined(separator: " ")): \(result.ending) \(String(decoding: result.errors, as: UTF8.self))"
            )
        }
        return String(decoding: result.output, as: UTF8.self)
    }

    /// Where a program is, looked for where Debian puts them; nil where it is not.
    package static func path(of program: String) -> String? {
        ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin"].map { "\($0)/\(program)" }
            .first { access($0, X_OK) == 0 }
    }

    /// Makes a key pair `NAME` and `NAME.pub` in a folder and returns the public key without its comment.
    @discardableResult
    package static func sshKey(
        _ name: String, type: String = "ed25519", passphrase: String = "", in folder: String
    ) async throws -> String {
        let options = type == "rsa" ? ["-b", "2048"] : []
        try await run("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-f", name] + options, in: folder)
        let key = try await run("cat", [name + ".pub"], in: folder)
        return key.split(separator: " ").prefix(2).joined(separator: " ")
    }
}
