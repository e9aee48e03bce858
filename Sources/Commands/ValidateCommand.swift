import ArgumentParser
import Engine
import Model

struct ValidateCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Checks the manifests in folders; no git needed.",
        discussion: """
            Checks everything that a pass would check before it touches anything, and reconcile.yaml. Prints \
            `file:line:column: error: …` for every problem; warnings are safety keys that make an environment wait, \
            notes are keys that are not acted on yet.

            For pull requests `-o github` prints annotations and `-o gitlab` a Code Quality report, with files named \
            from the root of the git repository around them.
            """)
    static let examples = [
        Example("reconcile validate .", "every environment below the working directory"),
        Example("reconcile validate staging", "one environment, beside its neighbours"),
        Example("reconcile validate . -o github", "in a workflow of GitHub Actions"),
        Example("reconcile validate . -o gitlab > gl-code-quality-report.json", "in a job of GitLab CI"),
    ]
    static let statuses = [
        ExitMeaning(0, "no problem"), ExitMeaning(1, "a problem, or nothing to check"), ExitMeaning.wrongUsage,
    ]

    @Argument(
        help: ArgumentHelp("A folder with environments, or the folder of one.", valueName: "path"),
        completion: .directory)
    var paths: [String]
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func settings(_ variables: Variables) throws(CommandFailure) -> Settings {
        try Settings.read(common, variables, reviews: true)
    }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        var report = ValidationReport()
        var configurations: Set<String> = [Checkout.path(of: settings.configFile)]
        report.add(settings.configProblems.map { Remark(.error, $0) })
        let knowsDrivers = settings.configProblems.isEmpty
        for path in knowsDrivers ? paths : [] {
            let root = try ValidationRoot(path)
            if let file = root.configuration, configurations.insert(Checkout.path(of: file)).inserted {
                let problems = try ConfigurationFile.read(file, mustExist: true)?.problems ?? []
                report.add(problems.map { Remark(.error, $0) })
            }
            let found = try await root.check(drivers: Parts.drivers(settings.plugins))
            guard !found.environments.isEmpty else {
                throw CommandFailure(
                    "\(VisibleText.line(path)) holds no environment", advice: "a folder with an environment.yaml is one"
                )
            }
            report.environments += found.environments
            report.add(
                (found.problems.map { Remark(.error, $0) } + found.remarks).map { remark in
                    var remark = remark
                    remark.problem.file = root.shown(remark.problem.file)
                    return remark
                })
        }
        switch (settings.review, settings.output) {
        case (.github?, _): output.result(GitHubAnnotations.text(report.remarks))
        case (.gitlab?, _): output.result(GitLabReport.text(report.remarks))
        case (nil, .text): output.result(report.text(isQuiet: settings.isQuiet))
        case (nil, .json): output.result(JSONText.of(report.json))
        case (nil, .markdown): output.result(report.markdown)
        }
        if !knowsDrivers {
            output.note("the manifests were not checked: mend the configuration first, it says which drivers there are")
        } else if !settings.isQuiet {
            output.note(
                "\(Plural.count(report.errors.count, "problem")) in "
                    + Plural.count(report.environments.count, "environment"))
        }
        return report.errors.isEmpty ? 0 : 1
    }
}
