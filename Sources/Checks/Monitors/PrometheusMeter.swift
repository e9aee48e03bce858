import FoundationEssentials
import Model
import Processes

/// Asks an instant query. One number is an answer; everything else is no data, with a sentence that says what to do.
struct PrometheusMeter {
    var probe: PrometheusProbe
    var timeout: TimeSpan

    func measure(_ subject: MonitorSubject, _ network: Network) async -> Reading {
        var values: [QueryTemplate.Variable: String] = [
            .environment: subject.environment, .workload: subject.workload, .side: subject.side.rawValue,
            .instances: subject.instances.joined(separator: "|"),
            .addresses: subject.addresses.joined(separator: "|"), .instance: subject.instance,
        ]
        if let address = subject.address { values[.address] = address }
        guard let query = probe.query.filled(values) else {
            return .none("the query cannot be asked: the driver gives no address, or an odd one")
        }
        let question: HTTPQuestion
        do throws(SecretError) {
            question = try HTTPQuestion(
                probe.url, path: "/api/v1/query?query=" + PercentEncoding.encode(query), probe.headers)
        } catch {
            return .none(error.description)
        }
        switch await question.ask(network, within: timeout) {
        case .failure(let failure): return .none(failure.reason)
        case .success(let answer): return PrometheusMeter.reading(answer, question)
        }
    }

    private static func reading(_ answer: HTTPQuestion.Answer, _ question: HTTPQuestion) -> Reading {
        let name = question.name
        if answer.isCut { return .none("\(name): the answer is longer than 256 KiB; a query must give one number") }
        guard let body = try? JSONDecoder().decode(Body.self, from: Data(answer.body)) else {
            return .none("\(name) answered \(answer.status), and not as Prometheus does")
        }
        guard answer.status == 200, body.status == "success", let data = body.data else {
            return .none("\(name) answered \(answer.status): \(question.shown(body.error ?? "no reason"))")
        }
        guard let values = data.values else {
            return .none("\(name): the query gave a \(question.shown(data.kind)); it must give one number")
        }
        guard let first = values.first else { return .none("\(name): the query gave nothing") }
        guard values.count == 1 else {
            return .none("\(name): the query gave \(values.count) series; make them one, as with sum(…)")
        }
        guard let number = NumberText.read(first) else {
            let shown = first == "NaN" ? "NaN, as where nothing was divided by nothing" : question.shown(first)
            return .none("\(name): the query gave \(shown)")
        }
        return .number(number)
    }

    private struct Body: Decodable {
        var status: String
        var error: String?
        var data: Result?
    }

    /// `data` of an answer: a vector of samples, or a scalar.
    private struct Result: Decodable {
        var kind: String
        /// Nil for what is neither.
        var values: [String]?

        private enum Key: String, CodingKey {
            case resultType, result
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            kind = try container.decode(String.self, forKey: .resultType)
            switch kind {
            case "vector": values = try container.decode([Sample].self, forKey: .result).map(\.value.text)
            case "scalar": values = [try container.decode(Point.self, forKey: .result).text]
            default: values = nil
            }
        }
    }

    private struct Sample: Decodable {
        var value: Point
    }

    /// A time and a number as text: `[1435781451.781, "1"]`.
    private struct Point: Decodable {
        var text: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            _ = try list.decode(Double.self)
            text = try list.decode(String.self)
        }
    }
}
