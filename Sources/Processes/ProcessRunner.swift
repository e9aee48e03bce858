import Model

/// Runs child processes, any number at once.
///
/// Each gets a session and process group of its own, which dies with it: what a command leaves running in the background
/// is killed when the command ends. A service that shall stay must be started through a service manager or `setsid`.
package struct ProcessRunner: Sendable {
    let runID: String?

    /// Every child carries `RECONCILE_RUN=<runID>` in its environment, where one is given; see `Survivors`.
    package init(runID: String? = nil) { self.runID = runID }

    /// Runs one command to its end. Never throws: whatever becomes of it is in the result. At the deadline, or when the
    /// task is cancelled, its process group is killed at once.
    package func run(_ command: Command) async -> CommandResult {
        let redactor = Redactor(command.secrets.values)
        guard !Task.isCancelled else {
            return CommandResult(ending: .cancelled, output: [], errors: [], isTruncated: false, duration: .zero)
        }
        do throws(NotStarted) {
            let launch = try Launch(command, runID: runID, margin: redactor.longest)
            let raw = try await ProcessRunner.run(launch, on: try Reactor.shared()).get()
            return CommandResult(
                ending: raw.ending,
                output: raw.output.redacted(by: redactor, endsWhole: raw.endsWhole),
                errors: raw.errors.redacted(by: redactor, endsWhole: raw.endsWhole),
                isTruncated: raw.output.isCut || raw.errors.isCut, duration: raw.duration)
        } catch {
            return CommandResult(notStarted: redactor.redact(error.reason))
        }
    }

    private static func run(_ launch: Launch, on reactor: Reactor) async -> Result<RawResult, NotStarted> {
        let id = reactor.nextID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                reactor.post(.start(id, launch, continuation))
                // A cancellation that came before the start was posted found nothing to cancel.
                if Task.isCancelled { reactor.post(.cancel(id)) }
            }
        } onCancel: {
            reactor.post(.cancel(id))
        }
    }
}
