import Glibc
import Manifests
import Model

/// What is in a `reconcile.yaml`.
struct ConfigurationFile {
    /// Nil where there is a problem.
    var configuration: Configuration?
    var problems: [Problem]

    /// Nil where there is none and none was asked for by name. Throws where it cannot be read.
    static func read(_ file: String, mustExist: Bool) throws(CommandFailure) -> ConfigurationFile? {
        switch FileBytes.read(file, limit: Limits.fileSize) {
        case .success(let bytes):
            let (configuration, problems) = Configuration.parse(bytes, file: file, builtIn: Parts.builtIn)
            return ConfigurationFile(configuration: configuration, problems: problems)
        case .failure(let error):
            if error.number == ENOENT && !mustExist { return nil }
            throw CommandFailure(
                "the configuration \(VisibleText.line(file)) cannot be read (\(error.reason))",
                advice: "check --config, or run `reconcile init`")
        }
    }
}
