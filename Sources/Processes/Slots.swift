import Synchronization

/// Bounds how many commands run together; those that wait are served in the order in which they came.
package final class Slots: Sendable {
    /// How many may run together.
    package let limit: Int

    private struct State {
        var free: Int
        var next: UInt64 = 0
        /// Numbers of those that wait, oldest first; one that is no longer in `waiting` gave up.
        var order: [UInt64] = []
        var first = 0
        var waiting: [UInt64: CheckedContinuation<Bool, Never>] = [:]
    }

    private let state: Mutex<State>
    private let heedsCancellation: Bool

    /// At least one slot. Where it does not heed cancellation, nothing ever runs without a slot, whatever its task is told.
    package init(_ limit: Int, heedsCancellation: Bool = true) {
        self.limit = max(1, limit)
        self.heedsCancellation = heedsCancellation
        state = Mutex(State(free: max(1, limit)))
    }

    /// Runs the body while holding a slot. A task that is cancelled waits no longer, unless that is not heeded: its body
    /// runs without a slot, and must then do nothing, as `ProcessRunner.run` does.
    package nonisolated(nonsending) func with<R>(_ body: nonisolated(nonsending) () async -> R) async -> R {
        let held = await acquire()
        let result = await body()
        if held { release() }
        return result
    }

    /// Does something with each of many, as many together as there are slots; the answers are in the order of the items.
    /// What waits for a slot costs next to nothing: an item gets its task together with its slot. A cancelled task waits
    /// no longer, as in `with`.
    package func map<Item: Sendable, Answer: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) async -> Answer
    ) async -> [Answer] {
        let answers = Answers<Answer>(items.count)
        await withDiscardingTaskGroup { group in
            for (index, item) in items.enumerated() {
                let held = await acquire()
                group.addTask {
                    let answer = await body(item)
                    if held { self.release() }
                    answers.all.withLock { $0[index] = answer }
                }
            }
        }
        return answers.all.withLock { $0 }.compactMap(\.self)
    }

    private nonisolated(nonsending) func acquire() async -> Bool {
        let number: UInt64? = state.withLock { state in
            if state.free > 0 {
                state.free -= 1
                return nil
            }
            state.next += 1
            return state.next
        }
        guard let number else { return true }
        guard heedsCancellation else { return await wait(as: number) }
        return await withTaskCancellationHandler {
            await wait(as: number)
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: false)
        }
    }

    private nonisolated(nonsending) func wait(as number: UInt64) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                if heedsCancellation && Task.isCancelled { return false }
                state.order.append(number)
                state.waiting[number] = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    private func release() {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            while state.first < state.order.count {
                let number = state.order[state.first]
                state.first += 1
                if state.first > 64, state.first * 2 > state.order.count {
                    state.order.removeFirst(state.first)
                    state.first = 0
                }
                if let continuation = state.waiting.removeValue(forKey: number) { return continuation }
            }
            state.free += 1
            return nil
        }
        next?.resume(returning: true)
    }
}

/// The answers that are there, in the order of what was asked.
private final class Answers<Answer: Sendable>: Sendable {
    let all: Mutex<[Answer?]>

    init(_ count: Int) { all = Mutex([Answer?](repeating: nil, count: count)) }
}
