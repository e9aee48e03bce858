import Model

/// The tables of the user's reference, made from the same schemas as the checks.
package enum Reference {
    /// `docs/manifest-reference.md`.
    package static func manifests(drivers: [DriverDescription]) -> String {
        var text = Prose.manifests
        text += section("environment.yaml", Schemas.environment) + Prose.environmentExample
        text += section("Workload", Schemas.workload) + Prose.workloadExample
        for driver in drivers {
            text += section("The block of the driver `\(driver.name)`", driver.block)
        }
        text += section("deployment.yml", Schemas.deployment) + Prose.deploymentExample
        text += section("deploy.yml", Schemas.deploy) + Prose.deployExample
        return text
    }

    /// `docs/configuration.md`.
    package static func configuration() -> String {
        Prose.configuration + section("Keys", Schemas.configuration) + Prose.configurationExample
    }

    /// The keys of `reconcile.yaml`, each with those below it.
    package static func configurationKeys() -> [ReferenceKey] { keys(Schemas.configuration, prefix: "") }

    /// The keys of the manifests, by what the document is.
    package static func manifestKeys(drivers: [DriverDescription]) -> [(title: String, keys: [ReferenceKey])] {
        [("environment.yaml", keys(Schemas.environment, prefix: "")), ("Workload", keys(Schemas.workload, prefix: ""))]
            + drivers.map { ("The block of the driver `\($0.name)`", keys($0.block, prefix: "")) } + [
                ("deployment.yml", keys(Schemas.deployment, prefix: "")),
                ("deploy.yml", keys(Schemas.deploy, prefix: "")),
            ]
    }

    private static func section(_ title: String, _ fields: [Schema.Field]) -> String {
        let rows = keys(fields, prefix: "").map { key in
            let fallback = key.fallback.map { "`\($0)`" } ?? (key.isRequired ? "required" : "")
            return "| `\(key.name)` | \(key.type) | \(fallback) | \(key.meaning) |\n"
        }
        return "\n## \(title)\n\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n" + rows.joined()
            + "\n"
    }

    private static func keys(_ fields: [Schema.Field], prefix: String) -> [ReferenceKey] {
        fields.flatMap { field in
            let name = prefix + field.name
            var meaning = field.summary
            for (value, sentence) in field.notYet.sorted(by: { $0.key < $1.key }) {
                meaning += " `\(value)`: \(sentence)."
            }
            switch field.standing {
            case .acted: break
            case .notYet: meaning += " **Not acted on yet.**"
            case .someDrivers:
                meaning += " **Some drivers act on it; with others the plan says that it is not acted on.**"
            case .restrains: meaning += " **Not built yet: the environment waits.**"
            }
            let key = ReferenceKey(
                name: name, type: type(of: field.schema), fallback: field.fallback, isRequired: field.required,
                meaning: meaning)
            return [key] + inner(field.schema, name)
        }
    }

    private static func inner(_ schema: Schema, _ name: String) -> [ReferenceKey] {
        switch schema {
        case .object(let fields), .open(let fields), .nameOr(let fields): keys(fields, prefix: name + ".")
        case .namesOr(_, let fields): keys(fields, prefix: name + ".")
        case .oneOf(let kinds, let others): keys(kinds + others, prefix: name + ".")
        case .list(let item), .oneOrMore(let item): inner(item, name + "[]")
        case .map(let item): inner(item, name + ".NAME")
        default: []
        }
    }

    private static func type(of schema: Schema) -> String {
        switch schema {
        case .oneOf(let kinds, _): "a map with exactly one of " + kinds.map { "`\($0.name)`" }.joined(separator: ", ")
        case .map(.text), .variables: "a map of strings or secrets"
        case .list(.nameOr): "a list of names or maps"
        case .list(.object), .list(.oneOf): "a list of maps"
        case .list(.stage): "a list of stages"
        case .list(.sourcePath): "a list of paths in the source"
        case .list(.name): "a list of names"
        case .list(.text): "a list of strings or secrets"
        case .list(.plain): "a list of strings"
        case .list(.form(let form)): "a list, each \(form.name)"
        case .map(.plain): "a map of strings"
        case .oneOrMore(.name): "a name or a list of names"
        case .choice(let choices): choices.map { "`\($0)`" }.joined(separator: ", ")
        default: NodeChecker.name(of: schema)
        }
    }
}
