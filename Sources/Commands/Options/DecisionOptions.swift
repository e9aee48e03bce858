import ArgumentParser
import Engine
import History
import Model

/// What `approve` and `reject` take: the environment, who decides, and on what.
struct DecisionOptions: ParsableArguments, Sendable {
    @Argument(help: ArgumentHelp("The environment.", valueName: "env"), completion: .environments)
    var name: String
    @Option(name: .customLong("as"), help: ArgumentHelp("Who decides (default: the login name).", valueName: "name"))
    var person: String?
    @Option(
        help: ArgumentHelp(
            "The plan that was looked at: the first digits of its digest (default: the one that waits).",
            valueName: "digest"))
    var plan: String?

    /// How many digits of a digest are enough.
    static let digits = 6...64

    /// The request, about what the record says now. Throws `CommandFailure` for what cannot be meant.
    func asking(_ kind: Request.Kind) throws(CommandFailure) -> Asking {
        let person = try Person.named(person)
        if let plan {
            guard Self.digits.contains(plan.count), plan.allSatisfy({ $0.isASCII && $0.isHexDigit && !$0.isUppercase })
            else {
                throw .usage(
                    "--plan cannot be `\(plan)`", advice: "`reconcile why \(name)` shows it: at least 6 hex digits")
            }
        }
        return Asking(
            kind: kind, environment: name,
            argument: { [name, plan] store in
                let question = try await OpenQuestion.read(name, from: store)
                if let plan, let question, !question.plan.hex.hasPrefix(plan) {
                    throw CommandFailure(
                        "\(name) asks about plan \(question.plan.short) now, not about \(plan)",
                        advice: "see `reconcile why \(name)`, then decide on what it asks")
                }
                return try DecisionRequest(
                    person: person, plan: question?.plan.hex, steps: question?.steps ?? []
                ).argument()
            }, patience: .seconds(30))
    }
}
