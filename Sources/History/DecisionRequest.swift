import FoundationEssentials

/// What a request to approve or to reject says besides the environment: who decides, and on what.
package struct DecisionRequest: Hashable, Sendable, Codable {
    /// Who decides: hostile text.
    package var person: String
    /// The digest of the plan that the person saw, all digits; nil where nothing waited then.
    package var plan: String?
    /// The ids of the steps that asked then. What asks later is another question.
    package var steps: [Int]

    /// All parts.
    package init(person: String, plan: String?, steps: [Int]) {
        self.person = person
        self.plan = plan
        self.steps = steps
    }

    /// Reads a request's argument. One that says only who decides says nothing about a plan.
    package init(argument: String?) {
        let read = argument.flatMap { try? JSONDecoder().decode(DecisionRequest.self, from: Data($0.utf8)) }
        self = read ?? DecisionRequest(person: argument ?? "somebody", plan: nil, steps: [])
    }

    /// As a request's argument. Throws `StoreError`.
    package func argument() throws(StoreError) -> String { try StoredJSON.text(self) }
}
