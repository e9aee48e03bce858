import DriverKit
import Model
import Processes

/// What an act asked the engine, a record for each call.
struct ActLog {
    private(set) var records: [CommandRecord] = []
    let redactor: Redactor

    init(_ redactor: Redactor) { self.redactor = redactor }

    /// Runs one call and keeps how it went.
    mutating func note<R: Sendable>(
        _ purpose: String, _ body: () async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        let start = Monotonic.now
        func record(_ status: String, _ output: String) -> CommandRecord {
            CommandRecord(
                purpose: purpose, status: status, duration: TimeSpan(milliseconds: Monotonic.now - start),
                output: output)
        }
        do throws(EngineError) {
            let result = try await body()
            records.append(record("done", ""))
            return result
        } catch {
            let status = error.status.map { "answered \($0)" } ?? "failed"
            records.append(record(status, redactor.redact(error.description)))
            throw error
        }
    }

    /// The report of an act that went well, or of one that did not.
    func report(_ failure: String?) -> ActReport {
        ActReport(failure: failure.map { redactor.redact($0) }, commands: records)
    }
}
