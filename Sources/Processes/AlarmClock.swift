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
    /// Both ends of the line on which the thread is woken.
    private let bell: (heard: Int32, rung: Int32)

    private init() {
        var ends: [Int32] = [-1, -1]
        // Without it an alarm that is due sooner than all others may be up to a second late.
        socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends)
        bell = (ends[0], ends[1])
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
        if isFirst { send(bell.rung, "!", 1, Int32(MSG_NOSIGNAL)) }
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
            let limit = bell.heard < 0 ? 1000 : Int64(Int32.max)
            let wait = next.map { min(max($0 - Monotonic.now, 0), limit) } ?? (bell.heard < 0 ? limit : -1)
            var line = pollfd(fd: bell.heard, events: Int16(POLLIN), revents: 0)
            if poll(&line, 1, Int32(wait)) > 0 {
                var rings = [UInt8](repeating: 0, count: 64)
                while recv(bell.heard, &rings, rings.count, 0) > 0 {}
            }
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
