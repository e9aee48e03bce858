import FoundationEssentials
import Glibc
import Model

/// The part of a fetch that talks to a server. It runs in a child process, because a silent server holds it up for ever
/// and a hostile one may crash it: its parent ends it at the deadline.
package enum FetchWorker {
    /// The only argument of our own binary that means "be the worker". Internal: no user ever types it.
    package static let argument = "__fetch"

    /// Reads a request from standard input, answers on standard output. Returns the exit status: 0 where there is an
    /// answer, be it an error; 64 where there was no request.
    package static func run() -> Int32 {
        // A server that goes away while it is written to is an error of that call, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        guard let request = try? JSONDecoder().decode(FetchRequest.self, from: Data(input())) else { return 64 }
        WorkerLimits.set(for: request.limits)
        var answer: FetchAnswer
        do throws(SourceError) {
            answer = FetchAnswer(nil, notes: try Fetch(request, report: report).run())
        } catch {
            answer = FetchAnswer(error)
        }
        guard let answer = try? JSONEncoder().encode(answer) else { return 70 }
        return write(Array(answer), to: STDOUT_FILENO) ? 0 : 74
    }

    private static func report(_ phase: FetchPhase) {
        _ = write(Array((phase.rawValue + "\n").utf8), to: STDERR_FILENO)
    }

    private static func input() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 1 << 20 {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer.prefix(count))
        }
        return bytes
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
