import ArgumentParser
import DriverConformance
import DriverKit
import Engine
import Model

struct DriverCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "driver", abstract: "Tries whether a driver does what every driver must.",
        discussion: """
            Applies, updates, cuts and removes what the file describes, in an environment named `conformance`, and says of \
            each check what came of it. The shell driver has a workload of its own.
            """)

    static let examples = [
        Example("reconcile driver check shell", "the built-in driver, in a temporary folder"),
        Example("reconcile driver check file --workload docs/examples/file.yaml", "one of reconcile.yaml's"),
    ]
    static let statuses = [ExitMeaning(0, "no check failed"), ExitMeaning(1, "a check failed"), ExitMeaning.wrongUsage]

    enum Act: String, ExpressibleByArgument, CaseIterable { case check }

    @Argument(help: ArgumentHelp("What to do with it: check.", valueName: "act")) var act: Act
    @Argument(help: ArgumentHelp("The driver: built in, or listed in reconcile.yaml.", valueName: "name"))
    var name: String
    @Option(
        help: ArgumentHelp(
            "The workload to try, a second version of it, and one named `unreachable`, as documents of one file.",
            valueName: "file"))
    var workload: String?
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        let drivers = Parts.workingDrivers(settings)
        guard let driver = drivers[name] else {
            let known = drivers.descriptions.map(\.name)
            let near = Names.nearest(to: name, in: known).map { ": did you mean `\($0)`?" } ?? ""
            throw CommandFailure.usage(
                "there is no driver `\(VisibleText.line(name, limit: 60))`\(near)",
                advice: "known are \(known.joined(separator: ", ")); another is allowed by `drivers` in reconcile.yaml")
        }
        let results: [ConformanceResult]
        do {
            results = try await run(driver, drivers.descriptions, output, isText: settings.output == .text)
        } catch {
            await drivers.close()
            throw error
        }
        await drivers.close()
        switch settings.output {
        case .text: break
        case .json: output.result(JSONText.of(.list(results.map(json))))
        case .markdown:
            output.result(ReportMarkdown.list(results.map { "\($0.check): \($0.outcome.rawValue): \($0.text)" }) + "\n")
        }
        let failed = results.count { $0.outcome == .failed }
        if !settings.isQuiet {
            output.note(
                "\(name): \(results.count { $0.outcome == .passed }) passed, \(failed) failed, "
                    + "\(results.count { $0.outcome == .skipped }) skipped")
        }
        return failed == 0 ? 0 : 1
    }

    private func run(
        _ driver: any Driver, _ known: [DriverDescription], _ output: Output, isText: Bool
    ) async throws -> [ConformanceResult] {
        func check(_ file: SampleFile) async throws -> [ConformanceResult] {
            let sample = try await file.sample(for: driver, among: known)
            return await Conformance(driver, sample).run { result in
                if isText { output.result(line(result, output.style)) }
            }
        }
        if let workload { return try await check(try SampleFile(workload)) }
        guard name == "shell" else {
            throw CommandFailure.usage(
                "nothing is given to try the driver \(name) with",
                advice: "name a file by --workload, see docs/drivers.md")
        }
        return try await ShellSample.with { text, folder in try await check(SampleFile(text: text, folder: folder)) }
    }

    private func line(_ result: ConformanceResult, _ style: Style) -> String {
        let word = result.outcome.rawValue.padded(to: 7)
        let painted =
            switch result.outcome {
            case .passed: style.green(word)
            case .failed: style.red(word)
            case .skipped: style.yellow(word)
            }
        return "\(painted)  \(result.check.padded(to: 15))  \(VisibleText.line(result.text, limit: 2000))"
    }

    private func json(_ result: ConformanceResult) -> Value {
        .map([
            "check": .string(result.check), "outcome": .string(result.outcome.rawValue), "text": .string(result.text),
        ])
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
