import FoundationEssentials
import Model
import Processes

/// Tells commands of an outcome: the event as JSON on standard input, the main words as variables.
struct Notifier: Sendable {
    /// How long one command may take.
    static let patience = TimeSpan.seconds(30)

    let runner: ProcessRunner
    let materials: Materials
    let settings: EngineSettings
    /// Of it, commands get only PATH, HOME, USER, LANG and TMPDIR.
    let baseEnvironment: [String: String]
    let emit: EventSink

    private struct Event: Encodable {
        var environment: String
        var outcome: Outcome
        var reason: String
        var reconcile: Int?
        var commit: String
        var tag: String?
        var author: String
        var subject: String
        var changes: [Change]
        var problems: [Problem]
    }

    /// Runs the environment's own commands in its folder, and the configuration's in theirs. A failure is an event of
    /// its own and changes no outcome.
    func tell(_ report: EnvironmentReport, revision: Revision, desired: Desired?) async {
        let policy = desired?.environment.policy.notify ?? []
        guard !policy.isEmpty || !settings.notify.isEmpty else { return }
        let event = Event(
            environment: report.name, outcome: report.outcome, reason: report.reason, reconcile: report.reconcile,
            commit: revision.commit, tag: revision.tag, author: revision.author, subject: revision.subject,
            changes: report.changes,
            problems: report.problems)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var body = try? [UInt8](encoder.encode(event)) else { return }
        body.append(UInt8(ascii: "\n"))
        var variables = ShellCommand.inherited(from: baseEnvironment)
        variables["RECONCILE_ENVIRONMENT"] = report.name
        variables["RECONCILE_OUTCOME"] = report.outcome.rawValue
        variables["RECONCILE_REASON"] = String(VisibleText.line(report.reason, limit: 2000))
        variables["RECONCILE_COMMIT"] = revision.commit
        variables["RECONCILE_ID"] = report.reconcile.map(String.init) ?? ""
        for command in settings.notify { await run(command, in: settings.notifyFolder, variables, body, report.name) }
        guard let desired, !policy.isEmpty else { return }
        do {
            let root = try await materials.folder(for: desired.folderFiles, commit: desired.commit)
            let folder = desired.environment.folder
            for command in policy {
                await run(command, in: folder.isEmpty ? root : root + "/" + folder, variables, body, report.name)
            }
        } catch {
            failed(report.name, "its files cannot be written: \(error)")
        }
    }

    private func run(
        _ command: Text, in folder: String, _ variables: [String: String], _ body: [UInt8], _ environment: String
    ) async {
        let report = await runner.run(
            ShellCommand(
                purpose: "notify", text: command, environment: variables, input: body, folder: folder,
                timeout: Self.patience))
        if let failure = report.failure { failed(environment, "\(command.shown): \(failure)") }
    }

    private func failed(_ environment: String, _ reason: String) {
        emit(EngineEvent(.notifyFailed, environment: environment, text: "the notification failed: \(reason)"))
    }
}
