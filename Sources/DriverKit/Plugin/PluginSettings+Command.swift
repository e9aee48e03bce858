import Model
import Processes

extension PluginSettings {
    /// The program as it is started, the secrets of its environment read now. Throws where one cannot be read.
    func command(_ inherited: [String: String]) throws(PluginFailure) -> Command {
        var variables = inherited
        var secrets: [String: Secret] = [:]
        for (variable, value) in environment {
            switch value {
            case .plain(let text): variables[variable] = text
            case .secret(let reference):
                do throws(SecretError) {
                    secrets[variable] = try SecretReader.read(reference)
                } catch {
                    throw PluginFailure("the driver \(name) cannot be started: \(error)")
                }
            }
        }
        return Command(
            program, environment: variables, secrets: secrets, workingDirectory: "/", outputLimit: PluginProtocol.line)
    }
}
