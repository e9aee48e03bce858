import Model
import Processes

/// Keeps us from asking a server that wants to be left alone, for as long as this process lives.
struct Restraint {
    private var error: SourceError?
    private var until = ContinuousClock.now
    /// How often in a row the server did not say how long.
    private var count = 0

    /// Nobody is left alone for longer, whatever a server says.
    private static let longest = TimeSpan.seconds(3600)

    /// What is answered instead of asking; nil where it may be asked.
    func error(at now: ContinuousClock.Instant) -> SourceError? { now < until ? error : nil }

    /// Takes in why a fetch failed; gives what to tell. A server that does not say how long is left alone for 1 minute,
    /// 2, 4 and so on.
    mutating func heed(_ failure: SourceError, at now: ContinuousClock.Instant) -> SourceError {
        guard failure.code == .limited else { return failure }
        let own = TimeSpan.seconds(60 << Int64(min(count, 6)))
        if failure.retryAfter == nil { count += 1 }
        let span = min(max(failure.retryAfter ?? own, .seconds(1)), Restraint.longest)
        var told = failure
        told.message += "; it is not asked again before \((WallClock.now() + span).iso8601)"
        error = told
        until = now + span.duration
        return told
    }
}
