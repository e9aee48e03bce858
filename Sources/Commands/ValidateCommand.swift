import ArgumentParser
import Engine
import Model

struct ValidateCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Checks the manifests in folders; no git needed.",
        discussion: "Prints `file:line:column: error: …` for every problem and exits 1 if there is one.")

    @Argument(help: ArgumentHelp("A folder with environments, or the folder of one.", valueName: "path"))
    var paths: [String]
    @OptionGroup(title: "Common options") var common: CommonOptions

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        var problems: [Problem] = []
        var environments: [String] = []
        for path in paths {
            let root = try ValidationRoot(path)
            let found = try await root.check()
            guard !found.environments.isEmpty else {
                throw CommandFailure(
                    "\(VisibleText.line(path)) holds no environment", advice: "a folder with an environment.yaml is one"
                )
            }
            environments += found.environments
            problems += found.problems.map {
                Problem(file: root.shown($0.file), line: $0.line, column: $0.column, message: $0.message)
            }
        }
        switch settings.output {
        case .text: output.result(problems.map(\.diagnostic).joined(separator: "\n"))
        case .json:
            output.result(
                JSONText.of(
                    .map([
                        "environments": .list(environments.map { .string($0) }),
                        "problems": .list(problems.map(ReportJSON.value)),
                    ])))
        case .markdown:
            output.result(problems.isEmpty ? "No problem.\n" : ReportMarkdown.list(problems.map(\.diagnostic)))
        }
        if !settings.isQuiet {
            output.note(
                "\(Plural.count(problems.count, "problem")) in \(Plural.count(environments.count, "environment"))")
        }
        return problems.isEmpty ? 0 : 1
    }
}
