import Model

/// Names what differs, for people: manifest keys for a commit, instances for drift. Secrets show as `(secret)`.
enum FieldDifference {
    static func fields(
        of workload: Workload, deployable: Deployable, count: Int, action: Change.Action, isCommit: Bool,
        records: [InstanceRecord], seen: [(String, Observation)]
    ) -> [Change.Field] {
        if action == .create {
            return [
                .init(path: "driver", from: nil, to: workload.driver),
                .init(path: "replicas", from: nil, to: String(count)),
                .init(path: "digest", from: nil, to: deployable.digest.short),
            ]
        }
        if !isCommit, !seen.isEmpty { return instances(seen, deployable) }
        var fields: [Change.Field] = []
        let old = records.first { $0.deployable.digest != deployable.digest } ?? records.first
        if let old {
            if old.deployable.driver != workload.driver {
                fields.append(.init(path: "driver", from: old.deployable.driver, to: workload.driver))
            } else {
                fields += differences(workload.driver, old.deployable.block, deployable.block)
                fields += files(workload.driver, old.deployable.files, deployable.files)
            }
            // While versions are mixed, how many there are is no one's wish.
            let before = Set(records.map(\.instance)).count
            if before != count, Set(records.map(\.deployable.digest)).count == 1 {
                fields.append(.init(path: "replicas", from: String(before), to: String(count)))
            }
        }
        if fields.isEmpty { fields = instances(seen, deployable) }
        guard fields.isEmpty else { return fields }
        return [.init(path: "replicas", from: String(records.count), to: String(count))]
    }

    private static func instances(_ seen: [(String, Observation)], _ deployable: Deployable) -> [Change.Field] {
        seen.map { instance, observation in
            let from: String? =
                switch observation {
                case .running(let text):
                    text.utf8.count == 64 ? Digest(hex: text).short : VisibleText.line(text, limit: 40)
                case .absent: "absent"
                case .unknown: "unknown"
                }
            return .init(path: instance, from: from, to: deployable.digest.short)
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
