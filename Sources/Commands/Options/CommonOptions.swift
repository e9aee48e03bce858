import ArgumentParser

/// The options that every command accepts, before or after its own name. What is not given here is looked for in the
/// environment and in `reconcile.yaml`, see `Settings`.
struct CommonOptions: ParsableArguments, Sendable {
    static let title = "Common options"

    @Option(
        help: ArgumentHelp("The configuration (default: reconcile.yaml).", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?
    @Option(
        help: ArgumentHelp(
            "The repository: a path, HOST:PATH, or an ssh, https, http, git or file address.", valueName: "url"),
        completion: .directory)
    var repo: String?
    @Option(help: ArgumentHelp("The branch (default: main).", valueName: "name"))
    var branch: String?
    @Option(
        help: ArgumentHelp(
            "The folder of the repository that holds the environments (default: its root).", valueName: "dir"))
    var path: String?
    @Option(
        help: ArgumentHelp("The folder of the record and the mirror (default: .reconcile).", valueName: "dir"),
        completion: .directory)
    var state: String?
    @Option(help: ArgumentHelp("How long a fetch may take (default: 60s).", valueName: "time"))
    var gitTimeout: String?
    @Flag(help: "Trust the record: observe nothing that it says is in place.")
    var noDrift = false
    @Flag(help: "Let this pass delete more than max_delete.")
    var allowDelete = false
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("How results are printed: text, json or markdown (default: text).", valueName: "format"),
        completion: .formats)
    var output: String?
    @Flag(help: "No colours; NO_COLOR does the same.")
    var noColor = false
    @Flag(name: .shortAndLong, help: "Say more.")
    var verbose = false
    @Flag(name: .shortAndLong, help: "Say less: nothing where everything is as git says.")
    var quiet = false

    /// The names that take a value, for `Arguments`.
    static let withValue: Set<String> = [
        "--config", "--repo", "--branch", "--path", "--state", "--git-timeout", "--output", "-o",
    ]
}
