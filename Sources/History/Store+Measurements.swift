import GRDB
import Model

extension Store {
    /// What the monitors of a reconcile's steps, or of one of them, measured, in the order in which it was recorded.
    /// Throws `StoreError`.
    package func measurements(
        _ reconcile: Int, step: Int? = nil
    ) async throws(StoreError) -> [MeasurementRecord] {
        try await read { db in
            var records: [MeasurementRecord] = []
            let rows = try Row.fetchCursor(
                db, sql: "SELECT * FROM measurements WHERE reconcile_id = ? ORDER BY rowid", arguments: [reconcile])
            while let row = try rows.next() {
                let id: Int = row["step_id"]
                guard step == nil || step == id else { continue }
                if row["side"] as String == "baseline" {
                    // It stands behind the row of the other side.
                    if !records.isEmpty { records[records.count - 1].measurement.baseline = row["value"] }
                    continue
                }
                let verdict = try Verdict(stored: row["verdict"], detail: row["detail"])
                records.append(
                    MeasurementRecord(
                        reconcile: reconcile, step: id,
                        measurement: Measurement(
                            monitor: row["monitor"], at: try row.knownTime("at"), value: row["value"],
                            verdict: verdict)))
            }
            return records
        }
    }
}

extension Verdict {
    /// As it stands in two columns.
    var stored: (word: String, detail: String?) {
        switch self {
        case .pass: ("pass", nil)
        case .fail(let reason): ("fail", reason)
        case .inconclusive(let reason): ("inconclusive", reason)
        }
    }

    /// Throws `DecodingError` for a word that is none of ours.
    fileprivate init(stored word: String, detail: String?) throws {
        switch word {
        case "pass": self = .pass
        case "fail": self = .fail(detail ?? "")
        case "inconclusive": self = .inconclusive(detail ?? "")
        default:
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "verdict is \(VisibleText.line(word, limit: 80))"))
        }
    }
}
