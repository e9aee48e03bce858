import FoundationEssentials
import Model
import Processes

/// Has a worker fetch and turns whatever becomes of it into a plain outcome.
struct FetchProcess {
    let configuration: GitSourceConfiguration
    let address: RepositoryAddress
    let memory: TransportMemory
    let credentials: CredentialMemory

    /// Returns where the mirror is up to date, with what there is to know of how it came there.
    func run(deadline: ContinuousClock.Instant) async throws(SourceError) -> [String] {
        var access = try await AccessReader(
            configuration: configuration, address: address, memory: credentials
        ).read(deadline: deadline)
        access.limit = memory.limit
        let request = FetchRequest(
            address: configuration.address, following: configuration.following, stateFolder: configuration.stateFolder,
            access: access, limits: configuration.limits)
        guard let input = try? JSONEncoder().encode(request) else { throw failed("its request could not be written") }
        // What a worker trusts cannot be taken back: one that was told to trust others serves nobody else.
        let reply = await configuration.workers.ask(
            Array(input), within: TimeSpan(until: deadline), alone: access.tls.authorities != nil)
        switch reply {
        case .answer(let line):
            guard let answer = try? JSONDecoder().decode(FetchAnswer.self, from: Data(line)) else {
                throw failed("its answer makes no sense")
            }
            memory.keep(answer.transport, succeeded: answer.error == nil)
            if answer.error?.code == .authentication { credentials.forget() }
            if let error = answer.sourceError { throw told(error, answer.transport) }
            return answer.notes
        // The commit is in place by then; only the housekeeping was cut short.
        case .timedOut(.tidying): return []
        case .timedOut(let phase): throw timeout(phase)
        case .cancelled: throw failed("it was cancelled")
        case .tooLong: throw failed("its answer is too long")
        case .ended(.exited(0)): throw failed("its answer makes no sense")
        case .ended(.exited(let status)): throw failed("it ended with exit status \(status)")
        case .ended(.signaled(let signal)): throw failed("it was ended by signal \(signal)")
        case .ended(let ending): throw failed("it ended: \(ending)")
        case .notStarted(let reason): throw failed("it could not be started: \(VisibleText.line(reason))")
        }
    }

    private func timeout(_ phase: FetchPhase?) -> SourceError {
        let span = configuration.timeout
        return switch phase {
        case .waiting:
            SourceError(
                .timeout, "another fetch of \(address.shown) did not end within \(span)",
                advice: "it is tried again; look for another reconcile that works on the same state folder")
        case .downloading:
            SourceError(
                .timeout, "\(address.shown) did not send its commits within \(span)",
                advice: "allow more time with --git-timeout")
        default:
            SourceError(
                .timeout, "\(address.shown) did not answer within \(span)",
                advice: "check that the server runs, or allow more time with --git-timeout")
        }
    }

    /// Whoever looks for a fault must know which program to try by hand.
    private func told(_ error: SourceError, _ use: TransportUse?) -> SourceError {
        guard let use, use.transport == .git, error.code != .unsupported, error.code != .configuration else {
            return error
        }
        var error = error
        error.advice += " (it was asked by \(use.text))"
        return error
    }

    private func failed(_ why: String) -> SourceError {
        SourceError(
            .failed, "the fetch of \(address.shown) failed: \(why)",
            advice: "it is tried again; if it stays so, report it")
    }
}
