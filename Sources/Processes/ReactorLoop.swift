import CProcess
import Glibc

/// The state and the endless work of the reactor's thread.
final class ReactorLoop {
    private let poll: Descriptor
    private let null: Descriptor
    private let reactor: Reactor
    private var children: [UInt64: Child] = [:]
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
        watch(reactor.wakeupDescriptor, token: 0, EPOLLIN.rawValue)

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
            if let kept = child as? KeptChild { listen(to: kept) }
            return
        }
        if child.reap(buffer) { children[child.id] = nil }
    }

    private func answer(_ request: Reactor.Request) {
        switch request {
        case .start(let id, let launch, let whenDone):
            do throws(NotStarted) {
                let spawned = try Spawn.start(launch, null: null.raw)
                add(CommandChild(id: id, spawned, launch, whenDone: whenDone))
            } catch {
                whenDone.resume(returning: .failure(error))
            }
        case .keep(let id, let launch, let backlog, let whenStarted):
            do throws(NotStarted) {
                let spawned = try Spawn.start(launch, null: null.raw)
                add(KeptChild(id: id, spawned, launch, backlog))
                whenStarted.resume(returning: nil)
            } catch {
                whenStarted.resume(returning: error)
            }
        case .send(let id, let bytes): (children[id] as? KeptChild)?.send(bytes)
        case .listen(let id): if let kept = children[id] as? KeptChild { listen(to: kept) }
        case .cancel(let id):
            guard let child = children[id], child.killedFor == nil else { return }
            child.kill(for: .cancelled)
            nextDeadline = min(nextDeadline, child.deadline)
        }
    }

    private func add(_ child: Child) {
        children[child.id] = child
        nextDeadline = min(nextDeadline, child.deadline)
        for part in Child.Part.allCases { watch(part, of: child) }
    }

    /// Reads on, or no more for now: what it says then stays in its pipe, and holds it up.
    private func listen(to kept: KeptChild) {
        nextDeadline = min(nextDeadline, kept.deadline)
        let isFull = kept.isFull
        guard isFull == kept.isHeard else { return }
        kept.isHeard = !isFull
        for part in [Child.Part.output, .errors] {
            guard let descriptor = kept.descriptor(part) else { continue }
            if isFull { epoll_ctl(poll.raw, EPOLL_CTL_DEL, descriptor, nil) } else { watch(part, of: kept) }
        }
    }

    /// Kills those whose time is over, gives up those that do not even die, and finds the next deadline.
    private func endOverdue() {
        let now = Monotonic.now
        for child in children.values where child.deadline <= now {
            if let ending = child.killedFor { child.giveUp(ending) } else { child.kill(for: .timedOut) }
        }
        nextDeadline = children.values.map(\.deadline).min() ?? .max
    }

    private func watch(_ part: Child.Part, of child: Child) {
        guard let descriptor = child.descriptor(part) else { return }
        watch(descriptor, token: child.id << 2 | part.rawValue, child.interest(in: part))
    }

    private func watch(_ descriptor: Int32, token: UInt64, _ interest: UInt32) {
        var event = epoll_event(events: interest, data: epoll_data_t(u64: token))
        epoll_ctl(poll.raw, EPOLL_CTL_ADD, descriptor, &event)
    }
}
