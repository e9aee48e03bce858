import FoundationEssentials
import Glibc
import Model

/// The part of a fetch that talks to a server. It runs in a child process, because a silent server holds it up for ever
/// and a hostile one may crash it: its parent ends it at the deadline.
package enum FetchWorker {
    /// The only argument of our own binary that means "be the worker". Internal: no user ever types it.
    package static let argument = "__fetch"

    /// Reads requests from standard input, a line each, and answers each on standard output: lines that say how far it
    /// is, then one with the outcome. Returns the exit status when there is no more: 0, or 64 where a line was no request.
    package static func run() -> Int32 {
        // A server that goes away while it is written to is an error of that call, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        var lines = WorkerInput()
        while let line = lines.next() {
            guard let request = try? JSONDecoder().decode(FetchRequest.self, from: Data(line)) else { return 64 }
            WorkerLimits.set(for: request.limits)
            var answer: FetchAnswer
            var connector: Connector?
            do throws(SourceError) {
                let fetch = try Fetch(request, report: report)
                connector = fetch.connector
                answer = FetchAnswer(nil, notes: try fetch.run())
            } catch {
                answer = FetchAnswer(error)
            }
            answer.transport = connector?.use
            guard let text = try? JSONEncoder().encode(answer) else { return 70 }
            guard write(Array(text) + [UInt8(ascii: "\n")]) else { return 74 }
        }
        return 0
    }

    private static func report(_ phase: FetchPhase) { _ = write(Array((phase.rawValue + "\n").utf8)) }

    private static func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
