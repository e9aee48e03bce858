import Manifests
import Model

/// Everything that was decided before a command begins: option before variable before configuration before default.
struct Settings: Sendable {
    /// Nil where nobody said it; see `repository()`.
    var repo: String?
    var branch: String
    var path: String
    var state: String
    var gitTimeout: TimeSpan
    var user: Text?
    var token: Text?
    var interval: TimeSpan
    /// Percent.
    var jitter: Int
    var parallel: Int
    var historyKeep: Int
    var historyDays: Int?
    var notify: [Text]
    /// The configuration's file as it was named, whether it is there or not.
    var configFile: String
    /// Whether that file was read.
    var hasConfig: Bool
    var trustsRecord: Bool
    var allowDelete: Bool
    var output: OutputFormat
    var wantsColor: Bool
    var isVerbose: Bool
    var isQuiet: Bool
    var variables: Variables

    /// The configuration's folder, where `notify` runs.
    var configFolder: String { Paths.folder(of: configFile) }

    /// Throws `CommandFailure`: wrong usage, or a configuration that cannot be used.
    static func resolve(_ options: CommonOptions, _ variables: Variables) throws(CommandFailure) -> Settings {
        let named = options.config ?? variables.text("--config")
        let file = named ?? "reconcile.yaml"
        let found = try ConfigurationFile.read(file, mustExist: named != nil)
        let configuration = found ?? Configuration()
        let folder = Paths.folder(of: file)
        func text(_ option: String, _ given: String?, _ configured: String?) -> String? {
            given ?? variables.text(option) ?? configured
        }
        func flag(_ option: String, _ given: Bool) throws(CommandFailure) -> Bool {
            if given { return true }
            return try variables.flag(option)
        }
        let isPlain = variables.all["NO_COLOR"].map { !$0.isEmpty } ?? false
        return Settings(
            repo: text("--repo", options.repo, configuration.repo.map { Paths.address($0, from: folder) }),
            branch: text("--branch", options.branch, configuration.branch) ?? "main",
            path: text("--path", options.path, configuration.path) ?? "",
            state: text("--state", options.state, configuration.state.map { Paths.join(folder, $0) }) ?? ".reconcile",
            gitTimeout: try time("--git-timeout", options.gitTimeout, variables) ?? configuration.gitTimeout
                ?? .seconds(60),
            user: configuration.user.map { .plain($0) }, token: configuration.token,
            interval: configuration.interval ?? .seconds(30), jitter: percent(configuration.jitter),
            parallel: configuration.parallel ?? 16, historyKeep: configuration.historyKeep ?? 10_000,
            historyDays: configuration.historyDays, notify: configuration.notify, configFile: file,
            hasConfig: found != nil, trustsRecord: try flag("--no-drift", options.noDrift),
            allowDelete: try flag("--allow-delete", options.allowDelete),
            output: try variables.word("--output", given: options.output, otherwise: .text),
            wantsColor: try !flag("--no-color", options.noColor) && !isPlain,
            isVerbose: try flag("--verbose", options.verbose), isQuiet: try flag("--quiet", options.quiet),
            variables: variables)
    }

    /// The repository's address. Throws where nobody said it.
    func repository() throws(CommandFailure) -> String {
        if let repo { return repo }
        let where_ =
            hasConfig ? "\(VisibleText.line(configFile)) names none" : "there is no \(VisibleText.line(configFile))"
        throw .usage(
            "no repository is named: \(where_)",
            advice: "run `reconcile init` to write one, or give --repo or RECONCILE_REPO")
    }

    private static func time(
        _ option: String, _ given: String?, _ variables: Variables
    ) throws(CommandFailure) -> TimeSpan? {
        guard let text = given ?? variables.text(option) else { return nil }
        if let span = TimeSpan(text), span > .zero { return span }
        let place = given == nil ? Variables.name(of: option) : option
        throw .usage(
            "\(place) cannot be `\(VisibleText.line(text, limit: 40))`",
            advice: "write a length of time such as 500ms, 5s or 1m")
    }

    private static func percent(_ jitter: Share?) -> Int {
        if case .percent(let number) = jitter { return number }
        return 10
    }
}
