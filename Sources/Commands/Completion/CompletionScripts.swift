import ArgumentParser

/// The scripts that teach shells to complete our command lines.
package enum CompletionScripts {
    /// The script for `bash`, `zsh` or `fish`; nil for another shell.
    package static func text(for shell: String) -> String? {
        CompletionShell(rawValue: shell).map { CompletionRoot.completionScript(for: $0) + "\n" }
    }
}
