import Model

/// What `reconcile.yaml` says. Nil is what it does not say, so that options and variables can go before it and defaults
/// after it.
package struct Configuration: Hashable, Sendable {
    /// What the top level says of its one source, or of what all of `sources` have in common.
    package var source = SourceConfiguration()
    /// Several sources, each with a name of its own; empty where there is one at the top level.
    package var sources: [SourceConfiguration] = []
    /// The state folder.
    package var state: String?
    /// Whose containers, and acts on hosts, are ours besides those of the state folder; the first labels new ones.
    package var owner: [String] = []
    /// How much of the interval is left to chance, at most; always a percentage.
    package var jitter: Share?
    /// How many workloads are worked on together.
    package var parallel: Int?
    /// How many reconciles the record keeps.
    package var historyKeep: Int?
    /// How many days the record keeps them at most.
    package var historyDays: Int?
    /// Commands that are told of every outcome that changed, in every environment.
    package var notify: [Text] = []

    /// The plugins that may be used as drivers.
    package var drivers: [PluginSettings] = []

    /// Says nothing.
    package init() {}

    /// Reads the file. `file` is its path as problems name it, `builtIn` are the drivers that need no plugin. Where there is any problem, there is no configuration;
    /// an empty file says nothing.
    package static func parse(
        _ contents: [UInt8], file: String, builtIn: [String] = []
    ) -> (configuration: Configuration?, problems: [Problem]) {
        let reader = YAMLReader(contents)
        var checker = NodeChecker()
        for extra in reader.documents.dropFirst() { checker.report(extra.place, "this file holds one document only") }
        var configuration = Configuration()
        if let document = reader.documents.first,
            let value = checker.object(document, Schemas.configuration, path: "")
        {
            configuration = Configuration(value)
            checker.checkSources(document)
            checker.checkDrivers(document, builtIn: builtIn)
        }
        let problems = (reader.findings + checker.findings).map { $0.problem(in: file) }
        return problems.isEmpty ? (configuration, []) : (nil, problems)
    }

    private init(_ value: Value) {
        source = SourceConfiguration(value)
        sources = value["sources"].list.map { SourceConfiguration($0) }
        state = value["state"].string
        owner = value["owner"].list.compactMap(\.string)
        jitter = value["jitter"].string.flatMap { Share($0) }
        parallel = value["parallel"].int
        historyKeep = value["history"]["keep"].int
        historyDays = value["history"]["days"].int
        drivers = value["drivers"].list.map { PluginSettings(manifest: $0) }
        notify = value["notify"].list.compactMap { Text($0["command"]) }
    }
}
