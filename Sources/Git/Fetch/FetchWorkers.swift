import Model
import Processes
import Synchronization

/// The workers that fetch, for all sources together: at most so many at once. Where fetches follow each other closely a
/// worker is kept for the next one, because most of the work of a fetch that brings nothing is its start.
package final class FetchWorkers: Sendable {
    /// What became of one request.
    enum Reply {
        case answer([UInt8])
        case timedOut(FetchPhase?)
        case cancelled
        case tooLong
        case ended(CommandResult.Ending)
        case notStarted(String)
    }

    private struct Worker {
        let process: KeptProcess
        /// How many requests it has answered.
        var served = 0
        var idleSince = ContinuousClock.now
    }

    private struct State {
        /// Those that wait for work; the one that was used last is used next.
        var idle: [Worker] = []
        var lastAsked: ContinuousClock.Instant?
        var isSweeping = false
    }

    private let executable: String
    let runner: ProcessRunner
    private let slots: Slots
    private let state = Mutex(State())

    /// Requests that follow another within this time are worth a worker that stays; one that stays waits as long.
    private static let patience = Duration.seconds(5)
    /// After so many requests a worker is replaced, whatever the library may have lost by then.
    private static let lifetime = 250

    /// `executable` is our own binary, which is a worker when its only argument is `FetchWorker.argument`; at most
    /// `limit` run together.
    package init(executable: String, runner: ProcessRunner, limit: Int = 8) {
        self.executable = executable
        self.runner = runner
        slots = Slots(limit)
    }

    /// Has one request answered. The time it may take begins when it is its turn; then its worker is killed, with
    /// whatever that has started. One that works `alone` serves this request and no other.
    func ask(_ request: [UInt8], within timeout: TimeSpan, alone: Bool = false) async -> Reply {
        await slots.with {
            let (kept, staysAfter) = alone ? (nil, false) : take()
            let deadline = WallClock.now() + timeout
            if let kept {
                let reply = await ask(kept, request, deadline, staysAfter)
                // One that had died while it was idle never heard of the request.
                if let reply { return reply }
            }
            do throws(NotStarted) {
                let process = try await runner.keep(Command(executable, [FetchWorker.argument], outputLimit: 1 << 20))
                return await ask(Worker(process: process), request, deadline, staysAfter) ?? .ended(.exited(0))
            } catch {
                return .notStarted(error.reason)
            }
        }
    }

    /// Nil where a worker that was kept is gone and has done nothing.
    private func ask(
        _ worker: Worker, _ request: [UInt8], _ deadline: Timestamp, _ stays: Bool
    ) async -> Reply? {
        let process = worker.process
        let alarm = Alarm(deadline) { process.kill() }
        defer { alarm.cancel() }
        process.write(request + [UInt8(ascii: "\n")])
        var phase: FetchPhase?
        var isTooLong = false
        while let event = await process.next() {
            switch event {
            case .line(let line):
                if let now = FetchPhase(rawValue: String(decoding: line, as: UTF8.self)) {
                    phase = now
                    continue
                }
                if stays, worker.served + 1 < FetchWorkers.lifetime {
                    keep(worker)
                } else {
                    process.endInput()
                    while await process.next() != nil {}
                }
                return .answer(line)
            case .remark: continue
            case .lineTooLong: isTooLong = true
            // Nobody but the alarm kills it.
            case .ended(.cancelled): return isTooLong ? .tooLong : .timedOut(phase)
            case .ended(let ending): return worker.served > 0 && phase == nil ? nil : .ended(ending)
            }
        }
        process.kill()
        return .cancelled
    }

    private func take() -> (Worker?, stays: Bool) {
        state.withLock { state in
            let now = ContinuousClock.now
            let stays = state.lastAsked.map { now - $0 < FetchWorkers.patience } ?? false
            state.lastAsked = now
            return (state.idle.popLast(), stays)
        }
    }

    private func keep(_ worker: Worker) {
        state.withLock { state in
            state.idle.append(Worker(process: worker.process, served: worker.served + 1))
            guard !state.isSweeping else { return }
            state.isSweeping = true
            sweepLater()
        }
    }

    private func sweepLater() {
        _ = Alarm(WallClock.now() + TimeSpan(milliseconds: 5100)) { [weak self] in self?.sweep() }
    }

    /// Ends those that nobody needed for a while.
    private func sweep() {
        // What goes is killed with its last reference, outside the lock.
        let gone = state.withLock { state in
            let now = ContinuousClock.now
            let gone = state.idle.filter { now - $0.idleSince >= FetchWorkers.patience }
            state.idle.removeAll { now - $0.idleSince >= FetchWorkers.patience }
            state.isSweeping = !state.idle.isEmpty
            if state.isSweeping { sweepLater() }
            return gone
        }
        for worker in gone { worker.process.endInput() }
    }
}
