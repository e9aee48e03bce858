import Processes
import Synchronization
import Testing

/// A value that several tasks change.
private final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func with<R: Sendable>(_ body: (inout sending Value) -> R) -> R {
        value.withLock { value in
            var copy = value
            let result = body(&copy)
            value = copy
            return result
        }
    }
}

@Suite struct SlotsTests {
    @Test func neverMoreThanTheLimitAndAlwaysAll() async {
        let slots = Slots(3)
        let now = Shared((running: 0, most: 0, done: 0))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<300 {
                group.addTask {
                    await slots.with {
                        now.with {
                            $0.running += 1
                            $0.most = max($0.most, $0.running)
                        }
                        await Task.yield()
                        now.with {
                            $0.running -= 1
                            $0.done += 1
                        }
                    }
                }
            }
        }
        #expect(now.with { $0.done } == 300)
        #expect(now.with { $0.most } == 3)
    }

    @Test func firstComeFirstServed() async {
        let slots = Slots(1)
        let order = Shared<[Int]>([])
        let gate = AsyncStream<Void>.makeStream()
        let holder = Task.immediate {
            await slots.with {
                for await _ in gate.stream { break }
            }
        }
        var tasks: [Task<Void, Never>] = []
        for number in 0..<100 {
            // Runs up to where it waits before the next one is made.
            tasks.append(Task.immediate { await slots.with { order.with { $0.append(number) } } })
        }
        gate.continuation.yield()
        await holder.value
        for task in tasks { await task.value }
        #expect(order.with { $0 } == Array(0..<100))
    }

    @Test func aTurnIsWaitedForWhateverTheTaskIsTold() async {
        let turn = Slots(1, heedsCancellation: false)
        let gate = AsyncStream<Void>.makeStream()
        let order = Shared<[String]>([])
        let holder = Task {
            await turn.with {
                order.with { $0.append("held") }
                for await _ in gate.stream { break }
                order.with { $0.append("given back") }
            }
        }
        while order.with({ $0.isEmpty }) { await Task.yield() }
        let waiter = Task { await turn.with { order.with { $0.append("second") } } }
        waiter.cancel()
        for _ in 0..<100 { await Task.yield() }
        gate.continuation.yield()
        await holder.value
        await waiter.value
        #expect(order.with { $0 } == ["held", "given back", "second"])
    }

    @Test func whoIsCancelledWaitsNoLongerAndTakesNoSlot() async {
        let slots = Slots(1)
        let gate = AsyncStream<Void>.makeStream()
        let holder = Task {
            await slots.with {
                for await _ in gate.stream { break }
            }
        }
        let waiter = Task { await slots.with { Task.isCancelled } }
        waiter.cancel()
        #expect(await waiter.value)
        gate.continuation.yield()
        await holder.value
        #expect(await slots.with { true })
    }

    @Test func manyAreDoneAsManyTogetherAsThereAreSlotsAndAnswerInOrder() async {
        let slots = Slots(3)
        let now = Shared((running: 0, most: 0))
        let answers = await slots.map(Array(0..<300)) { number in
            now.with {
                $0.running += 1
                $0.most = max($0.most, $0.running)
            }
            for _ in 0..<(number % 7) { await Task.yield() }
            now.with { $0.running -= 1 }
            return number * 2
        }
        #expect(answers == (0..<300).map { $0 * 2 })
        #expect(now.with { $0.most } == 3)
        #expect(await slots.map([Int]()) { $0 }.isEmpty)
    }

    @Test func ofManyThatAreCancelledEachIsTold() async {
        let slots = Slots(1)
        let gate = AsyncStream<Void>.makeStream()
        let holder = Task.immediate {
            await slots.with {
                for await _ in gate.stream { break }
            }
        }
        let waiter = Task { await slots.map([1, 2, 3]) { _ in Task.isCancelled } }
        waiter.cancel()
        #expect(await waiter.value == [true, true, true])
        gate.continuation.yield()
        await holder.value
        #expect(await slots.map([1, 2]) { $0 } == [1, 2])
    }
}
