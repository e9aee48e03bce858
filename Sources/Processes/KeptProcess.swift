import Glibc
import Model

/// A child that is kept alive and spoken with, line by line. It and its process group are killed with the last reference
/// to this. One task at a time takes its events; anybody may write to it.
package final class KeptProcess: Sendable {
    /// One thing that was heard of it.
    package enum Event: Sendable {
        /// A line of its standard output, without the line break. What comes after the last line break is no line.
        case line([UInt8])
        /// A line of its standard error, its first 4 KiB, without the line break; and how long it was, in bytes.
        case remark([UInt8], length: Int)
        /// A line of its standard output grew longer than the limit; the child was killed for it.
        case lineTooLong
        /// It is gone, and so is its process group; see `endDescendants`. The last event.
        case ended(CommandResult.Ending)
    }

    private let id: UInt64
    private let reactor: Reactor
    private let backlog = Backlog()
    private let mark: String

    private init(id: UInt64, reactor: Reactor, mark: String) {
        self.id = id
        self.reactor = reactor
        self.mark = mark
    }

    deinit { kill() }

    /// `mark` is the value of `markVariable` in the launch, which no other process has.
    fileprivate static func start(_ launch: Launch, mark: String) async throws(NotStarted) -> KeptProcess {
        let reactor = try Reactor.shared()
        let process = KeptProcess(id: reactor.nextID(), reactor: reactor, mark: mark)
        let failure = await withCheckedContinuation { whenStarted in
            reactor.post(.keep(process.id, launch, process.backlog, whenStarted))
        }
        if let failure { throw failure }
        return process
    }

    /// Tells its descendants from all other processes, even those in a session of their own.
    fileprivate static let markVariable = "RECONCILE_KEPT"

    /// Writes bytes, whole lines, after those that were written before. Returns at once: what the child does not read
    /// yet is kept, so a caller must not write without bounds to one that does not answer. For one that is gone, nothing.
    package func write(_ bytes: [UInt8]) { reactor.post(.send(id, bytes)) }

    /// Ends its standard input after what was written before.
    package func endInput() { reactor.post(.send(id, nil)) }

    /// Kills it and its process group at once; `ended` follows, within five seconds even where it cannot die.
    package func kill() { reactor.post(.cancel(id)) }

    /// Ends what it started and left behind in other sessions, such as a daemon. Its own group dies with it.
    package func endDescendants() async {
        await OwnThread.run { [mark] in _ = Survivors.end(KeptProcess.markVariable, mark) }
    }

    /// The next event; nil after `ended`, and where the task is cancelled. While more than a megabyte waits to be taken,
    /// nothing more is read of the child, which then has to wait.
    package nonisolated(nonsending) func next() async -> Event? {
        await backlog.take { reactor.post(.listen(id)) }
    }
}

extension KeptProcess.Event {
    /// What it counts in a backlog, in bytes.
    var size: Int {
        switch self {
        case .line(let bytes), .remark(let bytes, _): bytes.count + 64
        case .lineTooLong, .ended: 0
        }
    }
}

extension ProcessRunner {
    /// Starts a child that is kept, in a session and process group of its own. Of the command, `outputLimit` says how
    /// long a line of its standard output may be; `timeout` and `mergesErrors` count for nothing, and nothing is
    /// redacted. Throws where it cannot be started.
    package func keep(_ command: Command) async throws(NotStarted) -> KeptProcess {
        var command = command
        let mark = "\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        command.environment[KeptProcess.markVariable] = mark
        command.mergesErrors = false
        var launch = try Launch(command, runID: runID, margin: 0)
        launch.keepsInput = true
        return try await KeptProcess.start(launch, mark: mark)
    }
}
