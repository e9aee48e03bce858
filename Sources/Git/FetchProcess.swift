import FoundationEssentials
import Model
import Processes

/// Has a worker fetch and turns whatever becomes of it into a plain outcome.
struct FetchProcess {
    let configuration: GitSourceConfiguration
    let address: RepositoryAddress

    /// Returns where the mirror is up to date, with what there is to know of how it came there.
    func run(deadline: ContinuousClock.Instant) async throws(SourceError) -> [String] {
        let request = FetchRequest(
            address: configuration.address, following: configuration.following, stateFolder: configuration.stateFolder,
            user: try configuration.user.map { text throws(SourceError) in try value(of: text, called: "user") },
            token: try configuration.token.map { text throws(SourceError) in try value(of: text, called: "token") },
            limits: configuration.limits)
        guard let input = try? JSONEncoder().encode(request) else { throw failed("its request could not be written") }
        let left = ContinuousClock.now.duration(to: deadline).components
        let milliseconds = max(1, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000)
        switch await configuration.workers.ask(Array(input), within: TimeSpan(milliseconds: milliseconds)) {
        case .answer(let line):
            guard let answer = try? JSONDecoder().decode(FetchAnswer.self, from: Data(line)) else {
                throw failed("its answer makes no sense")
            }
            if let error = answer.sourceError { throw error }
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

    private func failed(_ why: String) -> SourceError {
        SourceError(
            .failed, "the fetch of \(address.shown) failed: \(why)",
            advice: "it is tried again; if it stays so, report it")
    }

    private func value(of text: Text, called name: String) throws(SourceError) -> String {
        switch text {
        case .plain(let value): return value
        case .secret(let reference):
            do throws(SecretError) {
                return try SecretReader.read(reference).withBytes { String(decoding: $0, as: UTF8.self) }
            } catch {
                throw SourceError(
                    .authentication, "the git \(name) cannot be read: \(error)", advice: "put the secret in its place")
            }
        }
    }
}
