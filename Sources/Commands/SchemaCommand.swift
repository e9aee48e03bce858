import ArgumentParser
import Engine
import Manifests

struct SchemaCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints the JSON Schema of the manifests, for editors.")

    @OptionGroup(title: "Common options") var common: CommonOptions

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        output.result(JSONSchema.document(drivers: Parts.drivers(settings.plugins).descriptions))
        return 0
    }
}
