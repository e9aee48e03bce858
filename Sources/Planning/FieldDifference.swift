import Model

/// Names what differs, for people: manifest keys for a commit, instances for drift. Secrets show as `(secret)`.
enum FieldDifference {
    static func fields(
        of workload: Workload, wanted: (String) -> Deployable, count: Int, action: Change.Action, isCommit: Bool,
        records: [InstanceRecord], seen: [(String, Observation)]
    ) -> [Change.Field] {
        let places = workload.hosts == nil ? "replicas" : "hosts"
        if action == .create {
            let digests = Set(workload.instances.map { wanted($0).digest.short })
            return [
                .init(path: "driver", from: nil, to: workload.driver),
                .init(path: places, from: nil, to: String(count)),
                .init(
                    path: "digest", from: nil,
                    to: digests.count > 1 ? "\(digests.count) different" : digests.first ?? wanted("").digest.short),
            ]
        }
        if !isCommit, !seen.isEmpty { return instances(seen, wanted) }
        var fields: [Change.Field] = []
        let old = records.first { $0.deployable.digest != wanted($0.instance).digest } ?? records.first
        if let old {
            let deployable = wanted(old.instance)
            if old.deployable.driver != workload.driver {
                fields.append(.init(path: "driver", from: old.deployable.driver, to: workload.driver))
            } else {
                fields += differences(workload.driver, shownBlock(old.deployable), shownBlock(deployable))
                fields += files(workload.driver, old.deployable.files, deployable.files)
            }
            // While versions are mixed, how many there are is no one's wish.
            let before = Set(records.map(\.instance)).count
            if before != count, workload.hosts != nil || Set(records.map(\.deployable.digest)).count == 1 {
                fields.append(.init(path: places, from: String(before), to: String(count)))
            }
        }
        if fields.isEmpty { fields = instances(seen, wanted) }
        guard fields.isEmpty else { return fields }
        return [.init(path: places, from: String(records.count), to: String(count))]
    }

    /// A block without what only says how its host is reached.
    private static func shownBlock(_ deployable: Deployable) -> Value {
        let host = deployable.block[Value.hostKey]
        guard host != .null else { return deployable.block }
        return deployable.block.placed(on: .map(host.map.filter { ["vars", "labels"].contains($0.key) }))
    }

    private static func instances(
        _ seen: [(String, Observation)], _ wanted: (String) -> Deployable
    ) -> [Change.Field] {
        seen.map { instance, observation in
            let from: String? =
                switch observation {
                case .running(let text):
                    text.utf8.count == 64 ? Digest(hex: text).short : VisibleText.line(text, limit: 40)
                case .absent: "absent"
                case .unknown: "unknown"
                }
            return .init(path: instance, from: from, to: wanted(instance).digest.short)
        }
    }

    private static func differences(_ path: String, _ old: Value, _ new: Value) -> [Change.Field] {
        if old == new { return [] }
        if case .map(let left) = old, case .map(let right) = new {
            return Set(left.keys).union(right.keys).sorted().flatMap {
                differences("\(path).\($0)", left[$0] ?? .null, right[$0] ?? .null)
            }
        }
        return [.init(path: path, from: shown(old), to: shown(new))]
    }

    private static func files(_ driver: String, _ old: [SourceFile], _ new: [SourceFile]) -> [Change.Field] {
        let left = Dictionary(old.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let right = Dictionary(new.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        func text(_ file: SourceFile?) -> String? {
            file.map { $0.id.prefix(12) + ($0.kind == .executable ? " executable" : "") }
        }
        return Set(left.keys).union(right.keys).sorted().filter {
            left[$0]?.id != right[$0]?.id || left[$0]?.kind != right[$0]?.kind
        }.map { .init(path: "\(driver).files.\($0)", from: text(left[$0]), to: text(right[$0])) }
    }

    private static func shown(_ value: Value) -> String? {
        switch value {
        case .null: nil
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .string(let text): text
        case .secret: "(secret)"
        case .list, .map: value.canonical
        }
    }
}
