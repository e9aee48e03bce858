import Control
import Engine
import Glibc
import History
import Model
import Processes

/// Asks whoever holds the state folder to do something to one environment; where nobody does, does it itself.
struct Asking {
    let kind: Request.Kind
    let environment: String
    /// What more is to be said, from the record as it stands now.
    var argument: @Sendable (Store) async throws -> String? = { _ in nil }
    /// How long to wait for the answer of another process; nil for as long as it takes.
    var patience: TimeSpan?

    /// Prints the answer. 0 where it was done, 1 where it could not be. Throws `CommandFailure` or `StoreError`.
    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        if StateLock.holder(of: settings.state) == nil { _ = try settings.namedSources() }
        let store = try await OwnThread.run {
            [path = settings.recordPath, state = settings.state] () -> Result<Store, StoreError> in
            guard access(path, F_OK) == 0 else {
                return .failure(StoreError(.missing, "nothing is recorded in \(state) yet", advice: "run a pass first"))
            }
            return Result { () throws(StoreError) in try Store.open(path: path, readOnly: false) }
        }.get()
        let id = try await store.addRequest(
            kind, environment: environment, argument: try await argument(store), at: WallClock.now())
        let began = WallClock.now()
        var told = false
        let interruption = Interruption()
        let ending = Ending.watch { await interruption.end(kills: $0) }
        defer { ending.cancel() }
        while true {
            if let request = try await store.request(id), request.doneAt != nil {
                show(request, settings, output)
                return request.succeeded == true ? 0 : 1
            }
            guard let holder = StateLock.holder(of: settings.state) else {
                if try await answer(settings, output, interruption) { continue }
                try await Task.sleep(for: .milliseconds(50))
                continue
            }
            if !told {
                told = true
                await OwnThread.run { [state = settings.state] in try? Control.send(.requests, state: state) }
                if patience == nil { output.note("process \(holder.pid) does it; Ctrl-C leaves it going") }
            }
            if await interruption.isSet {
                throw CommandFailure(
                    "no longer waiting", advice: "process \(holder.pid) goes on with it; see `reconcile status`")
            }
            if let patience, WallClock.now() - began > patience {
                throw CommandFailure(
                    "process \(holder.pid) gave no answer within \(patience)",
                    advice: "the request stays in the record and is answered as soon as it can be")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func show(_ request: Request, _ settings: Settings, _ output: Output) {
        let result = request.result ?? ""
        guard settings.output == .json else { return output.result(VisibleText.line(result, limit: 2000)) }
        output.result(
            JSONText.of(
                .map([
                    "environment": .string(request.environment), "request": .string(request.kind.rawValue),
                    "done": .bool(request.succeeded == true), "result": .string(result),
                ])))
    }

    /// Answers everything that waits; false where somebody else took the lock first.
    private func answer(_ settings: Settings, _ output: Output, _ interruption: Interruption) async throws -> Bool {
        let session: Session
        do throws(StoreError) {
            session = try await Session.open(settings, command: "reconcile \(kind.rawValue)")
        } catch {
            if error.code == .locked { return false }
            throw error
        }
        do {
            let reconciler = try await session.reconciler(settings, emit: Progress.sink(output))
            await interruption.reaches(reconciler)
            await reconciler.answerRequests()
            let open = try await session.store.pendingRequests().contains {
                $0.environment == environment && $0.kind == kind
            }
            await reconciler.close()
            await session.close()
            if open {
                throw CommandFailure("it was not done yet", advice: "the next `reconcile` goes on with it")
            }
            return true
        } catch {
            await session.close()
            throw error
        }
    }
}
