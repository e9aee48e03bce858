import History
import Manifests
import Model
import Planning
import Processes

/// What people ask of one environment.
extension EnvironmentReconciler {
    /// What came of a request: whether it was done, and one sentence.
    typealias Answer = (succeeded: Bool, result: String)

    func pause(_ reason: String?) async throws(StoreError) -> Answer {
        guard record.pause == nil else { return (true, "\(name) is paused already") }
        record.pause = Pause(reason: reason ?? "paused by hand", since: WallClock.now())
        try await save()
        let isUnderWay = line.halt(.paused(record.pause?.reason ?? ""))
        return (true, isUnderWay ? "\(name) stops at the next step boundary" : "\(name) is paused")
    }

    func resume() async throws(StoreError) -> Answer {
        guard record.pause != nil || record.hold != nil else {
            return (false, "\(name) is neither paused nor held; nothing to resume")
        }
        record.pause = nil
        record.hold = nil
        record.driftFailures = 0
        try await save()
        return (true, "\(name) goes on with the next pass")
    }

    /// Turns what is under way into a failure now. What an earlier process left open fails in the next pass where
    /// `call` is nil, and here otherwise.
    func abort(_ call: PassCall?) async throws(StoreError) -> Answer {
        let reason = "aborted by hand"
        if line.halt(.failed(Failure(.aborted, reason: reason))) { return (true, "\(name): \(reason)") }
        guard let id = record.openReconcile else { return (false, "nothing is under way in \(name)") }
        record.abort = reason
        record.pause = nil
        try await save()
        guard let call else { return (true, "\(name): \(reason)") }
        let report = await inTurn { () throws(StoreError) in try await self.goOn(id, call) }
        return (report.outcome != .error, "\(name): \(report.reason)")
    }

    /// Goes on with an open rollout, whatever is wanted by now.
    func goOn(_ id: Int, _ call: PassCall) async throws(StoreError) -> EnvironmentReport {
        guard record.openReconcile == id else { return report(record.outcome ?? .failed, record.reason) }
        var wanted = Wanted.gone
        if let id = try await parts.store.reconcile(id)?.input, let input = try await parts.store.input(name, id) {
            wanted = .desired(input.desired)
        }
        return try await recover(wanted, call) ?? report(.superseded, "reconcile \(id) was closed")
    }

    /// Goes back by hand to the last good input other than the running one, or to what a commit says, and stays there.
    /// From a rollout that is under way or was left half done, that is what ran before it.
    func rollback(to commit: String?, _ call: PassCall) async -> EnvironmentReport {
        await inTurn { () throws(StoreError) in try await self.goBack(to: commit, call) }
    }

    private func goBack(to commit: String?, _ call: PassCall) async throws(StoreError) -> EnvironmentReport {
        switch try await rollbackTarget(commit, call) {
        case .failure(let reason): return report(.error, reason.text)
        case .success(let target):
            // Before what is under way is closed for it.
            if let refusal = try await refusal(of: target, .rollback, call) { return report(.error, refusal.reason) }
            if let id = record.openReconcile { try await close(id, reason: "rolled back by hand") }
            record.pause = nil
            return try await plan(for: target, purpose: .rollback, call)
        }
    }

    private struct NoTarget: Error {
        var text: String
    }

    private func rollbackTarget(
        _ commit: String?, _ call: PassCall
    ) async throws(StoreError) -> Result<Desired, NoTarget> {
        guard let commit else {
            let isThere = try await isAtLastGood()
            let good = try await parts.store.goodInputs(name, limit: 3).first { !isThere || $0.input != record.running }
            guard let good else {
                return .failure(
                    NoTarget(text: "\(name) has no other good input to go back to; name a commit with --to"))
            }
            return .success(good.desired)
        }
        do throws(SourceError) {
            let revision = try await parts.source.revision(commit)
            let snapshot = try await Snapshot(revision, source: parts.source, known: [record])
            guard let folder = snapshot.folders[name] else {
                return .failure(NoTarget(text: "commit \(revision.short) has no environment \(name)"))
            }
            let (loaded, _) = try await parts.loader.load(
                folder, in: snapshot.tree, commit: revision.commit, defaults: snapshot.defaults, cache: .init())
            switch loaded {
            case .desired(let desired): return .success(desired)
            case .broken(_, let problems):
                return .failure(
                    NoTarget(
                        text: "the manifests of \(name) at \(revision.short) have problems: "
                            + (problems.first?.diagnostic ?? "")))
            }
        } catch {
            return .failure(NoTarget(text: "\(error)"))
        }
    }

    /// Whether it stands as it was last good: nothing is under way, and nothing that failed was left as it is.
    private func isAtLastGood() async throws(StoreError) -> Bool {
        guard record.openReconcile == nil else { return false }
        guard let running = record.running, let good = try await parts.store.input(name, running) else { return true }
        return try await parts.store.instances(name).allSatisfy { instance in
            good.desired.deployable(of: instance.workload, instance: instance.instance).map {
                $0.digest == instance.digest
            } ?? true
        }
    }

    /// Takes down everything that was recorded; the caller forgets the environment when nothing is left.
    func takeDown(_ call: PassCall) async -> EnvironmentReport {
        await inTurn { () throws(StoreError) in try await self.goAway(call) }
    }

    private func goAway(_ call: PassCall) async throws(StoreError) -> EnvironmentReport {
        if let id = record.openReconcile { try await close(id, reason: "taken down by hand") }
        record.pause = nil
        record.hold = nil
        let empty = Desired(
            input: Input(tree: "", paths: [:]), commit: call.snapshot.revision.commit,
            environment: Environment(
                name: name, folder: record.folder, policy: Policy(onFailure: .pause, maxDelete: .percent(100))),
            deployables: [:], folderFiles: [])
        return try await plan(for: empty, purpose: .rollback, call)
    }

    /// Takes it out of the record, once nothing is done to it; else why that could not be recorded.
    func forget() async -> String? {
        let report = await inTurn { () throws(StoreError) in try await self.leave() }
        return isForgotten ? nil : report.reason
    }

    private func leave() async throws(StoreError) -> EnvironmentReport {
        try await parts.journal.commit([.forgetEnvironment(name)])
        isForgotten = true
        parts.store.forget(name)
        await parts.drivers.prepare([], of: name)
        return report(.held, "\(name) was forgotten")
    }

    /// Whether anything of it is still in the inventory.
    func isEmpty() async throws(StoreError) -> Bool { try await parts.store.instances(name).isEmpty }

    /// A newer revision is there: ends a rollout under way whose input it changes to another valid one.
    func consider(_ snapshot: Snapshot) async {
        guard record.openReconcile != nil, record.hold?.kind != .pinned, let purpose = underWay,
            purpose != .rollback, let input = record.input, !snapshot.isUnchanged(input, of: name),
            let folder = snapshot.folders[name],
            let (loaded, _) = try? await parts.loader.load(
                folder, in: snapshot.tree, commit: snapshot.revision.commit, defaults: snapshot.defaults,
                cache: manifests)
        else { return }
        guard case .desired = loaded else { return }
        line.halt(.superseded("commit \(snapshot.revision.short) takes over"))
    }
}
