import Model
import Synchronization

/// What was last seen and last put in place, by instance, so that an act need not ask first and another version is known
/// by its digest.
final class Memory: Sendable {
    private struct Sight {
        var facts: Facts
        var questions: Questions
        var at: Timestamp
    }

    private struct State {
        var sights: [Identity: Sight] = [:]
        var outlines: [Identity: Wanted] = [:]
    }

    private let state = Mutex(State())

    /// How long a sight is good enough to act on: what the act then finds otherwise, it says.
    private static let age = TimeSpan.seconds(60)

    /// What was put in place last, as far as this process knows.
    func outline(_ id: Identity) -> Wanted? { state.withLock { $0.outlines[id] } }

    func keep(_ outline: Wanted?, of id: Identity) { state.withLock { $0.outlines[id] = outline } }

    /// What was seen a short while ago, if it answers these questions; it is given once.
    func takeFacts(_ id: Identity, to questions: Questions, now: Timestamp) -> Facts? {
        state.withLock { state in
            guard let sight = state.sights.removeValue(forKey: id), now - sight.at < Self.age,
                sight.questions.cover(questions)
            else { return nil }
            return sight.facts
        }
    }

    func keep(_ facts: Facts, to questions: Questions, of id: Identity, at: Timestamp) {
        state.withLock { $0.sights[id] = Sight(facts: facts, questions: questions, at: at) }
    }

    func forget(_ id: Identity) { state.withLock { _ = $0.sights.removeValue(forKey: id) } }
}
