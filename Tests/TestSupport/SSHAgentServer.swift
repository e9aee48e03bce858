import Model
import Processes

/// A real `ssh-agent` in the foreground.
package enum SSHAgentServer {
    /// Lends its socket in `folder` until `body` ends; it holds the private keys with these names in `folder`.
    package static func serve<R: Sendable>(
        in folder: String, keys: [String], _ body: @Sendable (String) async throws -> R
    ) async throws -> R {
        let socket = folder + "/agent"
        let agent = Task {
            await ProcessRunner().run(
                Command(
                    "ssh-agent", ["-D", "-a", socket], environment: ["PATH": "/usr/bin:/bin", "HOME": folder],
                    timeout: .seconds(600)))
        }
        do {
            // It listens some time after its start.
            for attempt in 1... {
                do {
                    try await TestTool.run(
                        "ssh-add", keys.isEmpty ? ["-D"] : ["-q"] + keys, in: folder,
                        environment: ["SSH_AUTH_SOCK": socket])
                    break
                } catch {
                    if attempt == 200 { throw error }
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            let result = try await body(socket)
            agent.cancel()
            _ = await agent.value
            return result
        } catch {
            agent.cancel()
            _ = await agent.value
            throw error
        }
    }
}
