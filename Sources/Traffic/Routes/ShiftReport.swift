/// What came of shifting traffic.
package struct ShiftReport: Hashable, Sendable {
    /// Nil where it was done; else one sentence.
    package var failure: String?
    /// What was seen last.
    package var observation: RouteStatus
    /// What a person should know though it was done, a sentence each.
    package var remarks: [String]
}
