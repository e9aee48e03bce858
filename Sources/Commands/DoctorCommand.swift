import ArgumentParser
import Engine
import Git
import Model

struct DoctorCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks what is needed from the machine, the state folder and the repository.",
        discussion: """
            One line a thing: the machine, the state folder, the record, the socket of the loop, the configuration, \
            the repository. Each is `ok`, a `warning` or a `problem`, with what to do.
            """)
    static let examples = [
        Example("reconcile doctor", "before the first pass, and when something is odd")
    ]
    static let statuses = [ExitMeaning(0, "no problem"), ExitMeaning(1, "a problem"), ExitMeaning.wrongUsage]

    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        var findings = await Machine.findings()
        findings += await StateFindings.all(settings)
        findings.append(
            .ok(
                "configuration",
                settings.hasConfig ? VisibleText.line(settings.configFile) : "none; options and variables only"))
        findings += await DriverFindings.all(settings)
        findings.append(await source(settings))
        switch settings.output {
        case .text:
            let width = findings.map(\.subject.count).max() ?? 0
            output.result(
                findings.map { finding in
                    let level = String(repeating: " ", count: 7 - finding.level.rawValue.count) + finding.level.rawValue
                    let padding = String(repeating: " ", count: width - finding.subject.count)
                    return "\(paint(level, finding.level, output.style))  \(finding.subject)\(padding)  \(finding.text)"
                }.joined(separator: "\n"))
        case .json:
            output.result(
                JSONText.of(
                    .list(
                        findings.map {
                            .map([
                                "level": .string($0.level.rawValue), "subject": .string($0.subject),
                                "text": .string($0.text),
                            ])
                        })))
        case .markdown:
            output.result(
                ReportMarkdown.list(findings.map { "\($0.level.rawValue): \($0.subject): \($0.text)" }) + "\n")
        }
        return findings.contains { $0.level == .problem } ? 1 : 0
    }

    private func source(_ settings: Settings) async -> Finding {
        do {
            let parts = try Parts(settings, runID: "doctor")
            let revision = try await parts.source.fetch()
            let folders = try await parts.source.tree(at: revision.commit).environments()
            let text =
                "\(settings.sources.first?.shown ?? "") is at \(VisibleText.line(revision.shown, limit: 200)), with \(Plural.count(folders.count, "environment"))"
            return folders.isEmpty
                ? .warning("source", text + "; a folder with an environment.yaml is one") : .ok("source", text)
        } catch {
            return .problem("source", "\(error)")
        }
    }

    private func paint(_ text: String, _ level: Finding.Level, _ style: Style) -> String {
        switch level {
        case .ok: style.green(text)
        case .warning: style.yellow(text)
        case .problem: style.red(text)
        }
    }
}
