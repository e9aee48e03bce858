import CProcess
import Glibc
import Synchronization

/// The one thread that starts, feeds, hears, kills and reaps all children.
///
/// One thread also spawns them all, one after the other: so no child can inherit a file that another thread is just
/// writing, which would make the next script "text file busy".
final class Reactor: Sendable {
    /// What the thread is asked to do.
    enum Request: Sendable {
        case start(UInt64, Launch, CheckedContinuation<Result<RawResult, NotStarted>, Never>)
        /// Starts a child that is kept; nil is told once it runs.
        case keep(UInt64, Launch, Backlog, CheckedContinuation<NotStarted?, Never>)
        /// Bytes for a child that is kept; nil is the end of its input.
        case send(UInt64, [UInt8]?)
        /// There is room again for what a kept child says.
        case listen(UInt64)
        case cancel(UInt64)
    }

    private static let current = Mutex<Reactor?>(nil)

    private let wakeup: Descriptor
    private let inbox = Mutex<[Request]>([])
    private let ids = Atomic<UInt64>(1)

    /// The process's reactor, started when it is first needed.
    static func shared() throws(NotStarted) -> Reactor {
        try current.withLock { (current) throws(NotStarted) -> Reactor in
            if let current { return current }
            let reactor = try Reactor()
            current = reactor
            return reactor
        }
    }

    private init() throws(NotStarted) {
        let poll = Descriptor(epoll_create1(O_CLOEXEC))
        let event = Descriptor(eventfd(0, O_CLOEXEC | O_NONBLOCK))
        // Also fills 0, 1 and 2 where somebody started us without them: a pipe must not land there.
        var null = open("/dev/null", O_RDWR | O_CLOEXEC)
        while (0...2).contains(null) { null = open("/dev/null", O_RDWR | O_CLOEXEC) }
        wakeup = event
        guard poll.raw >= 0, event.raw >= 0, null >= 0 else { throw NotStarted(reason: Spawn.reason(errno)) }

        // With SIGCHLD ignored, the kernel reaps children itself and their exit status is lost.
        var action = sigaction()
        sigaction(SIGCHLD, nil, &action)
        let isIgnored = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
        if isIgnored { signal(SIGCHLD, SIG_DFL) }

        let nowhere = Descriptor(null)
        let code = OwnThread.start { ReactorLoop(poll: poll, null: nowhere, reactor: self).run() }
        guard code == 0 else { throw NotStarted(reason: Spawn.reason(code)) }
    }

    /// The descriptor that becomes readable when there are requests.
    var wakeupDescriptor: Int32 { wakeup.raw }

    /// A number for a child that no other has.
    func nextID() -> UInt64 { ids.add(1, ordering: .relaxed).oldValue }

    /// Hands a request to the thread.
    func post(_ request: Request) {
        let wasEmpty = inbox.withLock { inbox in
            inbox.append(request)
            return inbox.count == 1
        }
        if wasEmpty { eventfd_write(wakeup.raw, 1) }
    }

    /// Takes all requests, in order; only for the thread.
    func take() -> [Request] {
        var count: UInt64 = 0
        eventfd_read(wakeup.raw, &count)
        return inbox.withLock { inbox in
            let requests = inbox
            inbox = []
            return requests
        }
    }
}
