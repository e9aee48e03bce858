import Model

/// What became of a child, its output not yet redacted.
struct RawResult: Sendable {
    var ending: CommandResult.Ending
    var output: Capture
    var errors: Capture
    /// False where the child may have been stopped in the middle of a word.
    var endsWhole: Bool
    var duration: TimeSpan
}
