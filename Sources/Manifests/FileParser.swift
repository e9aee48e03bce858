import Model

/// Parses one file. Pure: the same bytes in the same role always give the same.
struct FileParser: Sendable {
    private let blocks: [String: DriverDescription]
    private let drivers: [String]

    init(drivers: [DriverDescription]) {
        blocks = drivers.reduce(into: [:]) { $0[$1.name] = $1 }
        self.drivers = drivers.map(\.name)
    }

    func parse(_ bytes: [UInt8], as role: ParsedFile.Role) -> ParsedFile {
        let reader = YAMLReader(bytes)
        var file = ParsedFile(findings: reader.findings)
        switch role {
        case .workloads:
            for document in reader.documents { workload(document, &file) }
        case .policy, .deployment, .deploy:
            guard let document = reader.documents.first else {
                if reader.findings.isEmpty { file.findings.append(Finding(place: Place(), message: role.whenEmpty)) }
                return file
            }
            for extra in reader.documents.dropFirst() {
                file.findings.append(Finding(place: extra.place, message: "this file holds one document only"))
            }
            switch role {
            case .deployment: deployment(document, &file)
            case .deploy: deploy(document, &file)
            default: policy(document, &file)
            }
        }
        file.findings = Array(file.findings.prefix(Limits.findings))
        return file
    }

    private func policy(_ document: YAMLNode, _ file: inout ParsedFile) {
        var checker = NodeChecker()
        let value = checker.object(document, Schemas.environment, path: "")
        for smoke in document["smoke"]?.items ?? [] { checker.checkProbe(smoke) }
        let builder = InventoryBuilder(document, value ?? .null)
        checker.checkInventory(document, builder)
        file.findings += checker.findings
        guard let value, checker.findings.isEmpty else { return }
        file.policy = ParsedFile.PolicyPart(
            policy: Policy(manifest: value), notices: checker.notices,
            stages: ParsedFile.PlacedStage.all(in: document["pipeline"]),
            afterPlace: document["after"]?.place ?? Place(), inventory: builder.inventory)
    }

    private func workload(_ document: YAMLNode, _ file: inout ParsedFile) {
        var checker = NodeChecker()
        defer { file.findings += checker.findings }
        if document["kind"]?.text == "Environment" {
            checker.report(document.place, "an environment's policy stands in its environment.yaml, and nowhere else")
            return
        }
        let driver = document["driver"]?.text
        let description = driver.flatMap { blocks[$0] }
        guard let value = checker.object(document, fields(for: document, description), path: "") else { return }
        if let driver, description == nil, Names.isValid(driver), let place = document["driver"]?.place {
            let near = suggestion(for: driver, from: drivers)
            let known = drivers.joined(separator: ", ")
            let end =
                near.isEmpty ? ": known are \(known); another is allowed by `drivers` in reconcile.yaml" : near
            checker.report(place, "unknown driver \"\(driver)\"\(end)")
        }
        for entry in document.entries where description != nil && entry.key != driver && blocks[entry.key] != nil {
            checker.report(
                entry.place, "`\(entry.key)` is the block of another driver: this workload's is \(quoted(driver ?? ""))"
            )
        }
        if let health = document["health"] { checker.checkProbe(health) }
        checker.checkNumbers(document)
        checker.checkRollout(document, description)
        checker.checkHosts(document, description)
        checker.checkMonitors(document)
        checker.checkTraffic(document)
        if checker.findings.isEmpty, let description, let block = document[description.name] {
            for fault in description.faults(value[description.name]) {
                checker.report(block.place(of: fault.path), fault.message)
            }
        }
        if checker.findings.isEmpty, let description {
            let notices = ParsedFile.notices(checker.notices, document, description)
            file.workloads.append(.init(value, document, description, notices))
        }
    }

    /// The keys of a workload with the block of its driver; blocks of others are not looked into.
    private func fields(for document: YAMLNode, _ driver: DriverDescription?) -> [Schema.Field] {
        let name = document["driver"]?.text
        let unread = document.entries.map(\.key).filter { $0 != driver?.name && ($0 == name || blocks[$0] != nil) }
        let block = driver.map { [Schema.Field($0.name, $0.schema, required: true, "")] } ?? []
        return Schemas.workload + block + unread.map { Schema.Field($0, .anything, "") }
    }

    private func deployment(_ document: YAMLNode, _ file: inout ParsedFile) {
        defaults(document, Schemas.deployment, &file) { node, value in
            ParsedFile.Defaults(
                replicas: value["replicas"].int, resources: value["resources"],
                autoscaling: Autoscaling(manifest: value["autoscaling"]))
        }
    }

    private func deploy(_ document: YAMLNode, _ file: inout ParsedFile) {
        defaults(document, Schemas.deploy, &file) { node, _ in
            ParsedFile.Defaults(stages: ParsedFile.PlacedStage.all(in: node))
        }
    }

    /// A map by environment: what is wrong in one entry is wrong for that environment only.
    private func defaults(
        _ document: YAMLNode, _ fields: [Schema.Field], _ file: inout ParsedFile,
        _ make: (YAMLNode, Value) -> ParsedFile.Defaults
    ) {
        guard let field = fields.first, case .map(let item) = field.schema else { return }
        var outer = NodeChecker()
        _ = outer.object(document, [Schema.Field(field.name, .anything, required: true, field.summary)], path: "")
        if let map = document[field.name] {
            if case .map = map.content {} else { _ = outer.expected("a map of environments", field.name, map) }
        }
        file.findings += outer.findings
        for entry in document[field.name]?.entries ?? [] {
            var checker = NodeChecker()
            let value = checker.value(entry.value, item, path: entry.key)
            var part = value.map { make(entry.value, $0) } ?? ParsedFile.Defaults()
            part.findings = checker.findings
            part.notices = checker.notices.map { $0.dropping(prefix: entry.key + ".") }
            file.defaults[entry.key] = part
        }
    }
}

extension ParsedFile.Role {
    /// What to say of a file in this role that holds nothing.
    fileprivate var whenEmpty: String {
        switch self {
        case .policy: "the file is empty: write `kind: Environment`"
        case .deployment: "the file is empty: write `environments:`, or remove it"
        case .deploy: "the file is empty: write `deploy:`, or remove it"
        case .workloads: ""
        }
    }
}
