import History
import Model
import Planning
import Processes

/// What people ask of the environments of this source.
extension SourceReconciler {
    /// For how long a request that nobody answered is still carried out.
    static let patience = TimeSpan.seconds(3600)

    /// Nil where it works on no such environment.
    func answer(_ request: Request) async throws(StoreError) -> EnvironmentReconciler.Answer? {
        guard let environment = environments[request.environment] else { return nil }
        // Whoever asked long ago does not expect it any more; a pause is safe at any time.
        guard request.kind == .pause || WallClock.now() - request.createdAt < Self.patience else {
            return (false, "asked at \(request.createdAt.iso8601), when nobody was there to answer; ask again")
        }
        let answer: EnvironmentReconciler.Answer
        switch request.kind {
        case .pause: answer = try await environment.pause(request.argument)
        case .resume: answer = try await environment.resume()
        case .abort: answer = try await environment.abort(await aloneCall(for: request.environment))
        case .approve, .reject:
            answer = try await environment.decide(
                request.kind == .approve, DecisionRequest(argument: request.argument),
                await aloneCall(for: request.environment))
        case .rollback: answer = await rollback(environment, to: request.argument)
        case .forget: answer = try await forget(environment, removes: request.argument == "remove")
        case .wake: answer = (true, "looking now")
        }
        standings.update(await environment.record)
        if request.kind == .forget && answer.succeeded {
            standings.remove(request.environment)
            await standings.hosts.forget(request.environment)
        }
        mailboxes[request.environment]?.put(.manual)
        return answer
    }

    /// The pass that goes on with an environment here and now; nil where it lives in a loop, whose next pass is about to
    /// begin.
    private func aloneCall(for name: String) async -> PassCall? {
        lives[name] == nil ? await lastSnapshot().map { request($0) } : nil
    }

    private func rollback(_ environment: EnvironmentReconciler, to commit: String?) async
        -> EnvironmentReconciler.Answer
    {
        guard let snapshot = await lastSnapshot() else { return (false, "there is no revision yet; run a pass first") }
        environment.line.halt(.superseded("rolled back by hand"))
        let report = await environment.rollback(to: commit, request(snapshot))
        await Self.heed(report, of: environment, standings)
        return (report.outcome == .rolledBack, report.reason)
    }

    private func forget(
        _ environment: EnvironmentReconciler, removes: Bool
    ) async throws(StoreError) -> EnvironmentReconciler.Answer {
        guard let snapshot = await lastSnapshot() else { return (false, "there is no revision yet; run a pass first") }
        let name = environment.name
        guard snapshot.folders[name] == nil else {
            return (false, "\(name) is still in git; remove its folder first")
        }
        if removes {
            let report = await environment.takeDown(request(snapshot))
            guard try await environment.isEmpty() else { return (false, report.reason) }
        }
        if let failure = await environment.forget() { return (false, failure) }
        environments[name] = nil
        await claims.forget(name)
        edges[name] = nil
        lives[name] = nil
        mailboxes.removeValue(forKey: name)?.put(.manual)
        return (
            true,
            removes ? "\(name) was taken down and is forgotten" : "\(name) is no longer watched; what runs was left"
        )
    }

    /// The newest revision there is, without asking the server.
    private func lastSnapshot() async -> Snapshot? {
        if let snapshot { return snapshot }
        guard let head = try? await parts.source.head() else { return nil }
        return try? await Snapshot(
            head, source: parts.source, known: environments.keys.compactMap { standings.record($0) })
    }

    private func request(_ snapshot: Snapshot) -> PassCall {
        PassCall(
            snapshot: snapshot, trigger: .manual, trustsRecord: settings.trustsRecord, allowDelete: true,
            isWaitingFor: { _ in nil }, orderProblems: { _ in [] }, hostProblems: hostProblems(snapshot), next: nil)
    }
}
