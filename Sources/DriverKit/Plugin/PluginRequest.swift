import Model

/// One thing that a plugin is asked.
struct PluginRequest: Sendable {
    enum Kind: String, Sendable {
        case observe, apply, remove, health
    }

    var kind: Kind
    /// What it is about: one instance, or many that are to be observed.
    var targets: [InstanceTarget]
    /// Whether the instances stand in a list.
    var isMany = false

    /// Every secret that the blocks name.
    var references: Set<SecretReference> {
        targets.reduce(into: []) { $1.deployable.block.collectSecrets(into: &$0) }
    }

    /// The message, with its number and how long there is for it.
    func message(id: Int, deadline: TimeSpan) -> Value {
        var entries: [String: Value] = [
            "id": .int(id), "request": .string(kind.rawValue), "deadline_ms": .int(Int(deadline.milliseconds)),
        ]
        if isMany {
            entries["targets"] = .list(targets.map { .map($0.entries) })
        } else if let target = targets.first {
            entries.merge(target.entries) { _, new in new }
        }
        return .map(entries)
    }
}

extension InstanceTarget {
    fileprivate var entries: [String: Value] {
        [
            "environment": .string(environment), "workload": .string(workload), "instance": .string(instance),
            "index": .int(index), "weight": .int(weight), "commit": .string(commit),
            "digest": .string(deployable.digest.hex), "folder": .string(folder), "block": deployable.block,
        ]
    }
}

extension Value {
    fileprivate func collectSecrets(into all: inout Set<SecretReference>) {
        switch self {
        case .secret(let reference): all.insert(reference)
        case .list(let items): for item in items { item.collectSecrets(into: &all) }
        case .map(let entries): for value in entries.values { value.collectSecrets(into: &all) }
        case .null, .bool, .int, .string: break
        }
    }
}
