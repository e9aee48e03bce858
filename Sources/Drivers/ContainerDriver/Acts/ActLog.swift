import DriverKit
import Model
import Processes

/// What an act asked the engine, a record for each call.
struct ActLog {
    private(set) var records: [CommandRecord] = []
    private(set) var redactor: Redactor
    private var secrets: [Secret]

    init(_ secrets: [Secret]) {
        self.secrets = secrets
        redactor = Redactor(secrets)
    }

    /// Takes these out of what is kept from now on, too.
    mutating func hide(_ more: [Secret]) {
        secrets += more
        redactor = Redactor(secrets)
    }

    /// Runs one call and keeps how it went.
    mutating func note<R: Sendable>(
        _ purpose: String, _ body: () async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        let start = Monotonic.now
        do throws(EngineError) {
            let result = try await body()
            keep(purpose, nil, since: start)
            return result
        } catch {
            keep(purpose, error, since: start)
            throw error
        }
    }

    /// What the engine warned of in the call that was noted last.
    mutating func warn(_ warnings: [String]) {
        guard !warnings.isEmpty, let last = records.indices.last else { return }
        records[last].output = warnings.map { "warning: " + VisibleText.line(redactor.redact($0), limit: 400) }
            .joined(separator: "\n")
    }

    // Apart, and never inlined: the optimizer of Swift 6.3.1 stops with an error over both in one function.
    @inline(never)
    private mutating func keep(_ purpose: String, _ error: EngineError?, since start: Int64) {
        let status = error.map { $0.status.map { "answered \($0)" } ?? "failed" } ?? "done"
        records.append(
            CommandRecord(
                purpose: purpose, status: status, duration: TimeSpan(milliseconds: Monotonic.now - start),
                output: error.map { $0.text(redactor) } ?? ""))
    }

    /// The report of an act that went well, or of one that did not.
    func report(_ failure: String?, observed: Observation? = nil) -> ActReport {
        ActReport(failure: failure.map { redactor.redact($0) }, commands: records, observed: observed)
    }
}
