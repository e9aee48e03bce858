/// Who a reconciler is to targets that several of them may work with: its name is on what it makes and does there.
package struct Owner: Sendable {
    /// What is new carries this name.
    package let name: String
    /// Whose things are ours, too.
    package let others: [String]
    /// What the configuration says.
    package let named: [String]

    /// `state` is the id of the state folder, nil where there is none yet. Of what the configuration has `named`, the first
    /// is on what is new, and what has the others' is taken over.
    package init(state: String?, named: [String]) {
        self.named = named
        let all = named + [state].compactMap(\.self)
        let name = all.first ?? ""
        self.name = name
        others = all.filter { $0 != name }
    }
}
