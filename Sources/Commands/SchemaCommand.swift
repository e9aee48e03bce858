import ArgumentParser
import Engine
import Manifests
import Model

struct SchemaCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints the JSON Schema of manifests or of reconcile.yaml, for editors.",
        discussion: """
            Editors that speak the YAML language server check and complete manifests with it.
            """)
    static let examples = [
        Example(
            "reconcile schema > .manifest.schema.json",
            "for manifests"),
        Example("reconcile schema --of configuration", "for reconcile.yaml"),
    ]

    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    @Option(
        help: ArgumentHelp("manifests or configuration (default: manifests).", valueName: "what"),
        completion: .list(SchemaKind.allCases.map(\.rawValue)))
    var of = SchemaKind.manifests.rawValue

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        switch SchemaKind(rawValue: of) {
        case .manifests?: output.result(JSONSchema.document(drivers: Parts.drivers(settings.plugins).descriptions))
        case .configuration?: output.result(JSONSchema.configuration())
        case nil:
            throw CommandFailure.usage(
                "--of cannot be `\(VisibleText.line(of, limit: 40))`", advice: "write manifests or configuration")
        }
        return 0
    }
}
