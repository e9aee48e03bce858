import Model
import Processes

/// Makes a number of the answers to requests.
struct HTTPMeter {
    var probe: HTTPProbe
    var monitor: Monitor

    /// After so many requests without an answer no more are made.
    private static let patience = 3

    func measure(_ subject: MonitorSubject, _ network: Network) async -> Reading {
        let question: HTTPQuestion
        do throws(SecretError) {
            switch probe.address {
            case .url(let url): question = try HTTPQuestion(url, probe.headers)
            case .instances(let path, _):
                guard let address = subject.address else {
                    return .none("the driver gives no address for \(subject.instance): use `url`, the whole address")
                }
                question = try HTTPQuestion(.plain("http://\(address)\(path)"), probe.headers)
            }
        } catch {
            return .none(error.description)
        }
        switch probe.figure {
        case .json(let path): return await json(path, question, network)
        case .failed: return await series(question, network).failedShare
        case .latency(let percentile): return await series(question, network).latency(percentile, monitor.timeout)
        }
    }

    private func json(_ path: JSONPath, _ question: HTTPQuestion, _ network: Network) async -> Reading {
        switch await question.ask(network, within: monitor.timeout) {
        case .failure(let failure): return .none(failure.reason)
        case .success(let answer):
            if let problem = problem(answer, question) { return .none(problem) }
            if answer.isCut { return .none("\(question.name): the answer is longer than 256 KiB") }
            guard let number = JSONNumber.find(path, in: answer.body) else {
                return .none(
                    "\(question.name): the answer has no number at `\(VisibleText.line(path.text, limit: 80))`")
            }
            return .number(number)
        }
    }

    /// Why an answer is not the one that is expected; nil where it is.
    private func problem(_ answer: HTTPQuestion.Answer, _ question: HTTPQuestion) -> String? {
        if let expect = probe.expect {
            return answer.status == expect ? nil : "\(question.name) answered \(answer.status), expected \(expect)"
        }
        return (200..<400).contains(answer.status)
            ? nil : "\(question.name) answered \(answer.status), expected 200 to 399"
    }

    /// One request after the other.
    private func series(_ question: HTTPQuestion, _ network: Network) async -> Series {
        var series = Series()
        let end = ContinuousClock.now + monitor.interval.duration
        while series.asked < probe.requests, !Task.isCancelled {
            switch await question.ask(network, within: monitor.timeout) {
            case .success(let answer):
                series.times.append(answer.took)
                if let problem = problem(answer, question) {
                    series.refused += 1
                    series.note = problem
                }
            case .failure(let failure):
                if Task.isCancelled { break }
                series.unanswered += 1
                series.note = failure.reason
            }
            if series.unanswered >= HTTPMeter.patience || ContinuousClock.now >= end { break }
        }
        return series
    }

    /// What came of several requests.
    private struct Series {
        var times: [TimeSpan] = []
        var refused = 0
        var unanswered = 0
        /// Why the last one that failed did.
        var note: String?

        var asked: Int { times.count + unanswered }

        var failedShare: Reading {
            guard asked > 0 else { return .none("no request could be made") }
            return .number(Double(refused + unanswered) / Double(asked), note: note)
        }

        /// By the nearest rank. A request without an answer took as long as it may; without any answer there is no data.
        func latency(_ percentile: Double, _ timeout: TimeSpan) -> Reading {
            guard !times.isEmpty else { return .none(note ?? "no request could be made") }
            let sorted = (times + Array(repeating: timeout, count: unanswered)).sorted()
            let rank = Int((percentile / 100 * Double(sorted.count)).rounded(.up))
            return .number(Double(sorted[min(max(rank, 1), sorted.count) - 1].milliseconds), note: note)
        }
    }
}
