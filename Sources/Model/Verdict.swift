/// The answer to one check.
package enum Verdict: Hashable, Sendable, Codable {
    case pass
    /// It was asked and the answer was no; the reason is one sentence.
    case fail(String)
    /// Nothing could be learnt: neither a failure nor a success.
    case inconclusive(String)
}
