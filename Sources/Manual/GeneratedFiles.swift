import Commands
import Manifests

/// Every file of `docs/` that is made from the program, or has parts that are.
package enum GeneratedFiles {
    /// Where there is a page that is made only in part.
    package static let page = "docs/commands.md"

    /// The contents by path from the project's root. `page` is the present text of the page that is made in part.
    package static func all(page: String) -> [String: String] {
        var files = [
            GeneratedFiles.page: CommandReference.renewed(page),
            "docs/schema/manifest.json": JSONSchema.document(drivers: CommandLineTool.drivers),
            "docs/schema/configuration.json": JSONSchema.configuration(),
            "docs/man/reconcile.yaml.5": FileManual.configuration(),
            "docs/man/reconcile-manifests.5": FileManual.manifests(),
        ]
        for command in [CommandPage.root] + CommandPage.all {
            files["docs/man/\(CommandManual.name(command)).1"] = CommandManual.text(command)
        }
        for (shell, name) in [("bash", "reconcile.bash"), ("zsh", "_reconcile"), ("fish", "reconcile.fish")] {
            files["docs/completions/" + name] = CompletionScripts.text(for: shell)
        }
        return files
    }
}
