import FoundationEssentials
import Model
import Processes

/// Runs the worker and turns whatever becomes of it into a plain outcome.
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
        let result = await configuration.runner.run(
            Command(
                configuration.executable, [FetchWorker.argument], input: Array(input),
                timeout: TimeSpan(milliseconds: milliseconds)))
        let phase = String(decoding: result.errors, as: UTF8.self).split(separator: "\n").reversed()
            .lazy.compactMap { FetchPhase(rawValue: String($0)) }.first
        switch result.ending {
        case .exited(0):
            guard let answer = try? JSONDecoder().decode(FetchAnswer.self, from: Data(result.output)) else {
                throw failed("its answer makes no sense")
            }
            if let error = answer.error { throw SourceError(error.code, error.message, advice: error.advice) }
            return answer.notes
        case .timedOut:
            // The commit is in place by then; only the housekeeping was cut short.
            if phase == .tidying { return [] }
            throw timeout(phase)
        case .exited(let status): throw failed("it ended with exit status \(status)")
        case .signaled(let signal): throw failed("it was ended by signal \(signal)")
        case .cancelled: throw failed("it was cancelled")
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
