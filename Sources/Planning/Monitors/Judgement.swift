/// What is to be made of a monitor's measurements so far.
package enum Judgement: Hashable, Sendable {
    /// It is too early to say.
    case going
    /// It is in order.
    case pass
    /// It is not; the reason is one sentence.
    case fail(String)
    /// There is no data to judge by: neither a failure nor a success. The reason is one sentence.
    case inconclusive(String)
}
