/// What one question of a monitor gave.
package enum Reading: Hashable, Sendable {
    /// A number, and what is to be known of it where it is too large or too small; that is fit to be shown.
    case number(Double, note: String? = nil)
    /// Why there is no number: one sentence, fit to be shown, without secrets.
    case none(String)
}
