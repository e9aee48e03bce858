/// What one client says: a single line of at most 1 KiB. The answer is the line `ok`, or `error: ` and a sentence;
/// then the connection is closed.
package enum ControlMessage: String, Hashable, Sendable {
    /// Look at the source now.
    case wake
    /// Look at the requests in the record now.
    case requests
    /// Only answer.
    case ping
}
