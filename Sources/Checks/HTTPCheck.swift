import Model
import Processes

/// One GET: passes with the status that is expected, or with any of 200–399. A redirect is an answer, not followed; of the
/// body nothing is wanted.
struct HTTPCheck {
    var url: String
    var expect: Int?

    func verdict(_ network: Network, _ timeout: TimeSpan) async -> Verdict {
        let question = HTTPQuestion(url)
        switch await question.ask(network, within: timeout, needsBody: false) {
        case .success(let answer):
            if let expect, answer.status != expect {
                return .fail("\(question.name) answered \(answer.status), expected \(expect)")
            }
            if expect == nil, !(200..<400).contains(answer.status) {
                return .fail("\(question.name) answered \(answer.status), expected 200 to 399")
            }
            return .pass
        case .failure(let failure):
            return failure.isCancelled
                ? .inconclusive("\(question.name): the check was cancelled") : .fail(failure.reason)
        }
    }
}
