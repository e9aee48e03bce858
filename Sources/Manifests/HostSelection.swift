import Model

/// Which hosts something is for, as it was written: hosts and groups by name, or labels that must all match.
struct HostSelection: Sendable {
    /// A word of it with its place.
    struct Word: Sendable {
        var text: String
        var place: Place
    }

    var names: [Word] = []
    var labels: [(name: Word, value: Word)] = []
    var place: Place

    /// From a node that was checked.
    init(_ node: YAMLNode) {
        place = node.place
        if node.entries.isEmpty {
            names = node.items.compactMap { item in item.text.map { Word(text: $0, place: item.place) } }
        } else {
            labels = node.entries.map {
                (Word(text: $0.key, place: $0.place), Word(text: $0.value.text ?? "", place: $0.value.place))
            }
        }
    }
}

/// Hosts with their groups while an inventory is read: who is in which, and what they get of it.
struct InventoryBuilder: Sendable {
    typealias Problems = [(place: Place, message: String)]

    private(set) var inventory = Inventory()
    /// What groups give one host that cannot both hold.
    private(set) var conflicts: Problems = []

    init() {}

    /// An inventory that is complete: selections of workloads are looked up in it.
    init(_ inventory: Inventory) { self.inventory = inventory }

    /// From `environment.yaml`; `value` is the same checked, nil where it is wrong.
    init(_ document: YAMLNode, _ value: Value) {
        let hosts = value["hosts"].map
        inventory.ssh = SSHSettings(manifest: value["ssh"])
        inventory.hosts = (document["hosts"]?.entries ?? []).map { entry in
            Host(manifest: hosts[entry.key] ?? .null, name: entry.key, place: entry.place)
        }.sorted { $0.name < $1.name }
        let own = inventory.byName
        var given: [String: [String: (group: String, value: Value)]] = [:]
        for entry in document["groups"]?.entries ?? [] {
            let group = value["groups"][entry.key]
            guard let node = entry.value["hosts"] ?? (entry.value.entries.isEmpty ? entry.value : nil) else { continue }
            let members = InventoryBuilder(Inventory(hosts: Array(own.values))).members(
                HostSelection(node), groups: false
            ).names
            inventory.groups[entry.key] = members
            for (kind, values) in [("label", group["labels"].map), ("variable", group["vars"].map)] {
                for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                    for member in members {
                        give(member, kind, name, value, of: entry, own[member], &given)
                    }
                }
            }
        }
        for place in inventory.hosts.indices {
            let name = inventory.hosts[place].name
            inventory.hosts[place].groups = inventory.groups.filter { $0.value.contains(name) }.map(\.key).sorted()
        }
    }

    private mutating func give(
        _ member: String, _ kind: String, _ name: String, _ value: Value, of entry: YAMLNode.Entry, _ own: Host?,
        _ given: inout [String: [String: (group: String, value: Value)]]
    ) {
        let isLabel = kind == "label"
        guard let place = inventory.hosts.firstIndex(where: { $0.name == member }), let own else { return }
        if isLabel ? own.labels[name] != nil : own.vars[name] != nil { return }
        let key = "\(kind) \(name)"
        if let other = given[member]?[key], other.value != value {
            let section = entry.value[isLabel ? "labels" : "vars"]
            let at = section?.entries.first { $0.key == name }?.place ?? entry.place
            conflicts.append(
                (
                    at,
                    "the groups \(quoted(other.group)) and \(quoted(entry.key)) give the host \(quoted(member)) different values of the \(kind) \(quoted(name)): say at the host which holds"
                ))
            return
        }
        given[member, default: [:]][key] = (entry.key, value)
        if isLabel {
            inventory.hosts[place].labels[name] = value.string ?? ""
        } else {
            inventory.hosts[place].vars[name] = value
        }
    }

    /// The names of the hosts that a selection means, sorted, or what is wrong with it. Groups may be named where `groups`
    /// says so.
    func members(_ selection: HostSelection, groups: Bool) -> (names: [String], problems: Problems) {
        var found: Set<String> = []
        var problems: Problems = []
        let known = Set(inventory.hosts.map(\.name))
        for word in selection.names {
            if known.contains(word.text) {
                found.insert(word.text)
            } else if groups, let members = inventory.groups[word.text] {
                found.formUnion(members)
            } else if groups, word.text == Inventory.everyone {
                found.formUnion(known)
            } else {
                let all = groups ? known.union(inventory.groups.keys).union([Inventory.everyone]) : known
                let what = groups ? "host or group" : "host"
                problems.append(
                    (word.place, "unknown \(what) \(quoted(word.text))" + suggestion(for: word.text, from: all)))
            }
        }
        if !selection.labels.isEmpty {
            found = Set(
                inventory.hosts.filter { host in
                    selection.labels.allSatisfy { host.labels[$0.name.text] == $0.value.text }
                }.map(\.name))
        }
        if found.isEmpty, problems.isEmpty { problems.append(nothing(selection)) }
        return (found.sorted(), problems)
    }

    /// Why a selection selects nothing.
    private func nothing(_ selection: HostSelection) -> (place: Place, message: String) {
        if inventory.hosts.isEmpty {
            return (selection.place, "this selects nothing: the environment has no `hosts` in its environment.yaml")
        }
        for (name, value) in selection.labels {
            let values = Set(inventory.hosts.compactMap { $0.labels[name.text] })
            if values.isEmpty {
                let names = Set(inventory.hosts.flatMap(\.labels.keys))
                return (
                    name.place,
                    "this selects nothing: no host has the label \(quoted(name.text))"
                        + suggestion(for: name.text, from: names)
                )
            }
            if !values.contains(value.text) {
                return (
                    value.place,
                    "this selects nothing: no host has \(quoted("\(name.text): \(value.text)"))"
                        + suggestion(for: value.text, from: values)
                )
            }
        }
        return (selection.place, "this selects nothing: no host has all of these labels")
    }
}
