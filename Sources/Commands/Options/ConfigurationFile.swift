import Glibc
import Manifests
import Model

/// Reads `reconcile.yaml`.
enum ConfigurationFile {
    /// Nil where there is none and none was asked for by name. Throws with every problem it has, a line each.
    static func read(_ file: String, mustExist: Bool) throws(CommandFailure) -> Configuration? {
        let shown = VisibleText.line(file)
        let bytes: [UInt8]
        switch FileBytes.read(file, limit: Limits.fileSize) {
        case .success(let found): bytes = found
        case .failure(let error):
            if error.number == ENOENT && !mustExist { return nil }
            throw CommandFailure(
                "the configuration \(shown) cannot be read (\(error.reason))",
                advice: "check --config, or run `reconcile init`")
        }
        let (configuration, problems) = Configuration.parse(bytes, file: file)
        if let configuration { return configuration }
        throw CommandFailure(
            "the configuration \(shown) cannot be used:\n" + problems.map(\.diagnostic).joined(separator: "\n"))
    }
}
