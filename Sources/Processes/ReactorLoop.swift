import CProcess
import Glibc

/// The state and the endless work of the reactor's thread.
final class ReactorLoop {
    private let poll: Descriptor
    private let null: Descriptor
    private let reactor: Reactor
    private var children: [UInt64: Child] = [:]
    private var waiting: [UInt64: CheckedContinuation<Result<RawResult, NotStarted>, Never>] = [:]
    /// No child needs anything before this; it may be too early, never too late.
    private var nextDeadline = Int64.max
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    init(poll: Descriptor, null: Descriptor, reactor: Reactor) {
        self.poll = poll
        self.null = null
        self.reactor = reactor
    }

    /// Works for as long as the process lives.
    func run() {
        // All signals are for other threads; a write to a closed pipe shall be an error and not SIGPIPE.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        watch(reactor.wakeupDescriptor, token: 0, EPOLLIN)

        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while true {
            let count = epoll_wait(poll.raw, &events, Int32(events.count), patience())
            for event in events.prefix(max(0, Int(count))) { handle(event.data.u64) }
            if nextDeadline <= Monotonic.now { endOverdue() }
        }
    }

    /// How long nothing needs to be done, in milliseconds; -1 is for ever.
    private func patience() -> Int32 {
        if nextDeadline == .max { return -1 }
        return Int32(max(0, min(nextDeadline - Monotonic.now, 3_600_000)))
    }

    private func handle(_ token: UInt64) {
        if token == 0 {
            for request in reactor.take() { answer(request) }
            return
        }
        guard let child = children[token >> 2], let part = Child.Part(rawValue: token & 3) else { return }
        guard part == .exit else {
            child.transfer(part, buffer)
            return
        }
        guard let result = child.reap(buffer) else { return }
        children[child.id] = nil
        waiting.removeValue(forKey: child.id)?.resume(returning: .success(result))
    }

    private func answer(_ request: Reactor.Request) {
        switch request {
        case .start(let id, let launch, let continuation):
            do throws(NotStarted) {
                let child = try Spawn.start(launch, id: id, null: null.raw)
                children[id] = child
                waiting[id] = continuation
                nextDeadline = min(nextDeadline, child.deadline)
                for part in Child.Part.allCases {
                    guard let descriptor = child.descriptor(part) else { continue }
                    watch(descriptor, token: id << 2 | part.rawValue, part == .input ? EPOLLOUT : EPOLLIN)
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        case .cancel(let id):
            guard let child = children[id], child.killedFor == nil else { return }
            child.kill(for: .cancelled)
            nextDeadline = min(nextDeadline, child.deadline)
        }
    }

    /// Kills those whose time is over, gives up those that do not even die, and finds the next deadline.
    private func endOverdue() {
        let now = Monotonic.now
        for child in children.values where child.deadline <= now {
            if let ending = child.killedFor {
                let result = child.result(ending, endsWhole: false)
                child.hangUp()
                waiting.removeValue(forKey: child.id)?.resume(returning: .success(result))
            } else {
                child.kill(for: .timedOut)
            }
        }
        nextDeadline = children.values.map(\.deadline).min() ?? .max
    }

    private func watch(_ descriptor: Int32, token: UInt64, _ interest: EPOLL_EVENTS) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token))
        epoll_ctl(poll.raw, EPOLL_CTL_ADD, descriptor, &event)
    }
}
