import ArgumentParser
import Model

/// The scripts that teach shells to complete our command lines.
package enum CompletionScripts {
    /// The script for `bash`, `zsh` or `fish`; nil for another shell.
    package static func text(for shell: String) -> String? {
        guard let shell = CompletionShell(rawValue: shell) else { return nil }
        let script = CompletionRoot.completionScript(for: shell) + "\n"
        // Where a command's name may stand, bash would mix two dozen options among the commands before a `-` is typed.
        let mixes = #""${positional_number}" -eq -1"#
        return shell == .bash
            ? script.replacing("|| \(mixes) ]]", with: "|| (\(mixes) && \"${FUNCNAME[1]}\" != _reconcile) ]]") : script
    }

    /// The script that `--generate-completion-script SHELL` asks for; nil where it is not asked. Throws for another shell.
    static func asked(_ arguments: [String]) throws(CommandFailure) -> String? {
        let option = "--generate-completion-script"
        guard let first = arguments.first, first == option || first.hasPrefix(option + "=") else { return nil }
        let shell = first == option ? arguments.dropFirst().first ?? "" : String(first.dropFirst(option.count + 1))
        if let script = text(for: shell) { return script }
        throw .usage(
            "there is no completion for `\(VisibleText.line(shell, limit: 40))`", advice: "write bash, zsh or fish")
    }
}
