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
        var findings = await Machine.findings(overSSH: settings.sources.contains { GitSource.isOverSSH($0.repo) })
        findings += await StateFindings.all(settings)
        findings.append(
            .ok(
                "configuration",
                settings.hasConfig ? VisibleText.line(settings.configFile) : "none; options and variables only"))
        findings += await DriverFindings.all(settings)
        findings += await sources(settings)
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

    private func sources(_ settings: Settings) async -> [Finding] {
        let parts: Parts
        do { parts = try Parts(settings, runID: "doctor", stateID: nil) } catch {
            return [.problem("source", "\(error)")]
        }
        var findings: [Finding] = []
        await withTaskGroup(of: (Int, Finding).self) { group in
            var found: [Int: Finding] = [:]
            for (place, (named, source)) in zip(settings.sources, parts.sources).enumerated() {
                group.addTask { (place, await look(named, source.source)) }
            }
            for await (place, finding) in group { found[place] = finding }
            findings = found.sorted { $0.key < $1.key }.map(\.value)
        }
        return findings
    }

    private func look(_ settings: SourceSettings, _ source: any Source) async -> Finding {
        let subject = settings.name.map { "source \($0)" } ?? "source"
        do {
            let revision = try await source.fetch()
            let folders = try await source.tree(at: revision.commit).environments()
            let shown = VisibleText.line(revision.shown, limit: 200)
            let text =
                "\(settings.following.shown) is at \(shown), with \(Plural.count(folders.count, "environment"))"
                + (revision.transport.map { "; " + VisibleText.line($0) } ?? "")
            return folders.isEmpty
                ? .warning(subject, text + "; a folder with an environment.yaml is one") : .ok(subject, text)
        } catch {
            return .problem(subject, "\(error)")
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
