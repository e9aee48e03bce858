import Model
import Planning

/// What became of a step that was run.
struct StepResult: Sendable {
    enum Ending: Sendable {
        case done
        case failed(Failure)
        /// It was told to stop before it knew.
        case cut
    }

    var ending: Ending
    /// One sentence for the record; nil where there is nothing to say.
    var detail: String?
    /// What was run, in order.
    var commands: [CommandRecord]
}
