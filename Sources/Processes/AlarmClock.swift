import CProcess
import Glibc
import HeapModule
import Synchronization

/// The one thread behind all alarms, there from the first one on.
final class AlarmClock: Sendable {
    static let shared = AlarmClock()

    private struct Entry: Comparable {
        var due: Int64
        var number: UInt64

        static func < (left: Entry, right: Entry) -> Bool { (left.due, left.number) < (right.due, right.number) }
    }

    private struct State {
        var order = Heap<Entry>()
        var acts: [UInt64: @Sendable () -> Void] = [:]
        var next: UInt64 = 0
        var isRunning = false
    }

    private let state = Mutex(State())
    // A semaphore is made to be used from many threads, and the only clock there is lives as long as the process.
    nonisolated(unsafe) private let change: UnsafeMutablePointer<sem_t>

    private init() {
        change = .allocate(capacity: 1)
        sem_init(change, 0, 0)
    }

    /// `due` is a monotonic time in milliseconds.
    func set(_ due: Int64, _ act: @escaping @Sendable () -> Void) -> UInt64 {
        let (number, isFirst, mustStart) = state.withLock { state in
            state.next += 1
            let entry = Entry(due: due, number: state.next)
            state.order.insert(entry)
            state.acts[entry.number] = act
            let mustStart = !state.isRunning
            state.isRunning = true
            return (entry.number, state.order.min == entry, mustStart)
        }
        if mustStart { while OwnThread.start({ self.run() }) != 0 { usleep(10_000) } }
        if isFirst { sem_post(change) }
        return number
    }

    func cancel(_ number: UInt64) {
        state.withLock { state in
            guard state.acts.removeValue(forKey: number) != nil else { return }
            // What was cancelled is dropped when it comes to the front, or when most of what is kept was cancelled.
            guard state.order.count > 64, state.order.count > 2 * state.acts.count else { return }
            let acts = state.acts
            state.order = Heap(state.order.unordered.filter { acts[$0.number] != nil })
        }
    }

    private func run() {
        while true {
            let (acts, next) = due()
            for act in acts { act() }
            guard let next else {
                sem_wait(change)
                continue
            }
            var until = timespec(tv_sec: Int(next / 1000), tv_nsec: Int(next % 1000) * 1_000_000)
            sem_clockwait(change, CLOCK_MONOTONIC, &until)
        }
    }

    /// What is to be done now, and when the next is due.
    private func due() -> (acts: [@Sendable () -> Void], next: Int64?) {
        let now = Monotonic.now
        return state.withLock { state in
            var acts: [@Sendable () -> Void] = []
            while let first = state.order.min {
                let act = state.acts[first.number]
                guard act == nil || first.due <= now else { return (acts, first.due) }
                state.order.removeMin()
                state.acts[first.number] = nil
                if let act { acts.append(act) }
            }
            return (acts, nil)
        }
    }
}
