/// What one question of a monitor gave.
package enum Reading: Hashable, Sendable {
    case number(Double)
    /// Why there is no number: one sentence, fit to be shown, without secrets.
    case none(String)
}
