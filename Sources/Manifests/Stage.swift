import Model

/// One stage of a pipeline, as it is written in a list of steps.
enum Stage: Hashable, Sendable {
    case build, test, approvalGate, smokeTest, deployFull
    case deploy(environment: String)
    case canary(percent: Int)
    case monitor(TimeSpan)

    init?(_ text: String) {
        switch text {
        case "build": self = .build
        case "test": self = .test
        case "approval-gate": self = .approvalGate
        case "smoke-test": self = .smokeTest
        case "deploy-full": self = .deployFull
        default:
            if let percent = Stage.argument(of: "deploy-canary", in: text) {
                guard case .percent(let number) = Share(percent) else { return nil }
                self = .canary(percent: number)
            } else if let time = Stage.argument(of: "monitor", in: text) {
                guard let span = TimeSpan(time) else { return nil }
                self = .monitor(span)
            } else if text.hasPrefix("deploy-"), text != "deploy-canary", Names.isValid(String(text.dropFirst(7))) {
                self = .deploy(environment: String(text.dropFirst(7)))
            } else {
                return nil
            }
        }
    }

    /// `10%` of `deploy-canary (10%)`.
    private static func argument(of name: String, in text: String) -> String? {
        guard text.hasPrefix(name), text.hasSuffix(")") else { return nil }
        let rest = text.dropFirst(name.count).drop { $0 == " " }
        return rest.first == "(" ? String(rest.dropFirst().dropLast()) : nil
    }

    static let examples = [
        "build", "test", "deploy-full", "deploy-canary (10%)", "monitor (5m)", "smoke-test", "approval-gate",
    ]

    static let pattern =
        #"^(build|test|approval-gate|smoke-test|deploy-canary *\((100|[0-9]{1,2})%\)|monitor *\([0-9dhms]+\)"#
        + #"|deploy-(?!canary)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)$"#

    static func mistake(in text: String) -> String {
        let near = Names.nearest(to: text, in: examples)
        let end =
            near.map { "did you mean \"\($0)\"?" }
            ?? "write one of \(examples.joined(separator: ", ")) or deploy-ENVIRONMENT"
        return "unknown stage \(quoted(text)): \(end)"
    }

    /// As the plan shows it.
    var shown: String {
        switch self {
        case .build: "build (done before the merge)"
        case .test: "test (done before the merge)"
        case .approvalGate: "approval-gate"
        case .smokeTest: "smoke-test"
        case .deployFull: "deploy-full"
        case .deploy(let environment): "deploy-\(environment)"
        case .canary(let percent): "deploy-canary (\(percent)%)"
        case .monitor(let time): "monitor (\(time))"
        }
    }
}
