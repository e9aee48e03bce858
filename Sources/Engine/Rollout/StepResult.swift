import History
import Model
import Planning

/// What became of a step that was run.
struct StepResult: Sendable {
    enum Ending: Sendable {
        case done
        case failed(Failure)
        /// It was told to stop before it knew.
        case cut
        /// It cannot know before a person or data has come; one sentence says what is missing.
        case waiting(String)
    }

    var ending: Ending
    /// One sentence for the record; nil where there is nothing to say.
    var detail: String?
    /// What was run, in order.
    var commands: [CommandRecord]
    /// How requests are shared out now, where the step shifted them.
    var traffic: Traffic?

    struct Traffic: Sendable {
        var records: [TrafficRecord]
        /// Whether these are all there are.
        var isWhole: Bool
    }
}
