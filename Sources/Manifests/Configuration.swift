import Model

/// What `reconcile.yaml` says. Nil is what it does not say, so that options and variables can go before it and defaults
/// after it.
package struct Configuration: Hashable, Sendable {
    /// The repository.
    package var repo: String?
    /// The branch.
    package var branch: String?
    /// The folder in the repository.
    package var path: String?
    /// The state folder.
    package var state: String?
    /// How often the loop fetches.
    package var interval: TimeSpan?
    /// How much of the interval is left to chance, at most; always a percentage.
    package var jitter: Share?
    /// How long a fetch may take.
    package var gitTimeout: TimeSpan?
    /// The user for http and https.
    package var user: String?
    /// The token or password for http and https.
    package var token: Text?
    /// How many workloads are worked on together.
    package var parallel: Int?
    /// How many reconciles the record keeps.
    package var historyKeep: Int?
    /// How many days the record keeps them at most.
    package var historyDays: Int?
    /// Commands that are told of every outcome that changed, in every environment.
    package var notify: [Text] = []

    /// Says nothing.
    package init() {}

    /// Reads the file. `file` is its path as problems name it. Where there is any problem, there is no configuration;
    /// an empty file says nothing.
    package static func parse(_ contents: [UInt8], file: String) -> (configuration: Configuration?, problems: [Problem])
    {
        let reader = YAMLReader(contents)
        var checker = NodeChecker()
        for extra in reader.documents.dropFirst() { checker.report(extra.place, "this file holds one document only") }
        var configuration = Configuration()
        if let document = reader.documents.first,
            let value = checker.object(document, Schemas.configuration, path: "")
        {
            configuration = Configuration(value)
        }
        let problems = (reader.findings + checker.findings).map { $0.problem(in: file) }
        return problems.isEmpty ? (configuration, []) : (nil, problems)
    }

    private init(_ value: Value) {
        repo = value["repo"].string
        branch = value["branch"].string
        path = value["path"].string
        state = value["state"].string
        interval = value["interval"].int.map { TimeSpan(milliseconds: Int64($0)) }
        jitter = value["jitter"].string.flatMap { Share($0) }
        gitTimeout = value["git_timeout"].int.map { TimeSpan(milliseconds: Int64($0)) }
        user = value["user"].string
        token = Text(value["token"])
        parallel = value["parallel"].int
        historyKeep = value["history"]["keep"].int
        historyDays = value["history"]["days"].int
        notify = value["notify"].list.compactMap { Text($0["command"]) }
    }
}
