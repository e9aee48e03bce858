import Manifests
import Model

/// Everything that was decided before a command begins: option before variable before configuration before default.
struct Settings: Sendable {
    /// Empty where nobody named a repository; see `namedSources()`.
    var sources: [SourceSettings]
    var state: String
    /// Whose containers, and acts on hosts, are ours besides those of this state folder; empty where nothing is said.
    var owner: [String]
    /// Percent.
    var jitter: Int
    var parallel: Int
    var historyKeep: Int
    var historyDays: Int?
    var notify: [Text]
    /// The plugins that may be used as drivers.
    var plugins: [PluginSettings]
    /// The configuration's file as it was named, whether it is there or not.
    var configFile: String
    /// Whether that file was read.
    var hasConfig: Bool
    /// What is wrong in that file; then it says nothing.
    var configProblems: [Problem]
    var trustsRecord: Bool
    var allowDelete: Bool
    var output: OutputFormat
    /// What goes before `output`, for the one command that prints it.
    var review: ReviewFormat?
    var wantsColor: Bool
    var isVerbose: Bool
    var isQuiet: Bool
    var variables: Variables

    /// The configuration's folder, where `notify` runs.
    var configFolder: String { Paths.folder(of: configFile) }

    /// Throws `CommandFailure`: wrong usage, or a configuration that cannot be used.
    static func resolve(_ options: CommonOptions, _ variables: Variables) throws(CommandFailure) -> Settings {
        let settings = try read(options, variables, reviews: false)
        guard settings.configProblems.isEmpty else {
            throw CommandFailure(
                "the configuration \(VisibleText.line(settings.configFile)) cannot be used:\n"
                    + settings.configProblems.map(\.diagnostic).joined(separator: "\n"))
        }
        return settings
    }

    /// The same for a command that shows by itself what is wrong in the configuration, and, if it `reviews`, can print a
    /// `ReviewFormat`.
    static func read(
        _ options: CommonOptions, _ variables: Variables, reviews: Bool
    ) throws(CommandFailure) -> Settings {
        let named = options.config ?? variables.text("--config")
        let file = named ?? "reconcile.yaml"
        let found = try ConfigurationFile.read(file, mustExist: named != nil)
        let configuration = found?.configuration ?? Configuration()
        let folder = Paths.folder(of: file)
        func text(_ option: String, _ given: String?, _ configured: String?) -> String? {
            given ?? variables.text(option) ?? configured
        }
        let sources = try sources(options, variables, configuration, folder: folder)
        func flag(_ option: String, _ given: Bool) throws(CommandFailure) -> Bool {
            if given { return true }
            return try variables.flag(option)
        }
        let output = try OutputChoice(options, variables, reviews: reviews)
        let isPlain = variables.all["NO_COLOR"].map { !$0.isEmpty } ?? false
        return Settings(
            sources: sources,
            state: text("--state", options.state, configuration.state.map { Paths.join(folder, $0) }) ?? ".reconcile",
            owner: configuration.owner, jitter: percent(configuration.jitter),
            parallel: configuration.parallel ?? 16, historyKeep: configuration.historyKeep ?? 10_000,
            historyDays: configuration.historyDays, notify: configuration.notify, plugins: configuration.drivers,
            configFile: file,
            hasConfig: found != nil, configProblems: found?.problems ?? [],
            trustsRecord: try flag("--no-drift", options.noDrift),
            allowDelete: try flag("--allow-delete", options.allowDelete),
            output: output.format, review: output.review,
            wantsColor: try !flag("--no-color", options.noColor) && !isPlain,
            isVerbose: try flag("--verbose", options.verbose), isQuiet: try flag("--quiet", options.quiet),
            variables: variables)
    }

    /// What is watched, at least one. Throws where nobody named a repository.
    func namedSources() throws(CommandFailure) -> [SourceSettings] {
        if !sources.isEmpty { return sources }
        let where_ =
            hasConfig ? "\(VisibleText.line(configFile)) names none" : "there is no \(VisibleText.line(configFile))"
        throw .usage(
            "no repository is named: \(where_)",
            advice: "run `reconcile init` to write one, or give --repo or RECONCILE_REPO")
    }

    /// The sources of the configuration, or the one that options and variables name instead.
    private static func sources(
        _ options: CommonOptions, _ variables: Variables, _ configuration: Configuration, folder: String
    ) throws(CommandFailure) -> [SourceSettings] {
        var shared = configuration.source
        let timeout = try time("--git-timeout", options.gitTimeout, variables)
        shared.gitTimeout = timeout ?? shared.gitTimeout
        let repo = options.repo ?? variables.text("--repo")
        let branch = options.branch ?? variables.text("--branch")
        let path = options.path ?? variables.text("--path")
        guard repo == nil, !configuration.sources.isEmpty else {
            var only = shared
            // Named here, it is relative to where we are, and not to the configuration's folder.
            if repo == nil { only.repo = only.repo.map { Paths.address($0, from: folder) } }
            only.repo = repo ?? only.repo
            if let branch { (only.branch, only.tag, only.semver) = (branch, nil, nil) }
            only.path = path ?? only.path
            return SourceSettings(only, shared: shared, folder: folder).map { [$0] } ?? []
        }
        for (option, value) in [("--branch", branch), ("--path", path)] where value != nil {
            throw .usage(
                "\(option) does not say which of the configuration's sources it is for",
                advice: "write it into the configuration, or give --repo too")
        }
        return configuration.sources.compactMap { own in
            var own = own
            own.gitTimeout = timeout ?? own.gitTimeout
            own.repo = own.repo.map { Paths.address($0, from: folder) }
            return SourceSettings(own, shared: shared, folder: folder)
        }
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
