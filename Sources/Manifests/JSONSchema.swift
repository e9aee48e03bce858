import Model

/// The manifests' schema for editors and other tools: JSON Schema, draft 2020-12.
package enum JSONSchema {
    /// One schema for every document of an environment's folder, told apart by `kind`.
    package static func document(drivers: [DriverDescription]) -> String {
        let definitions: [String: Value] = [
            "Environment": object(Schemas.environment),
            "Workload": workload(drivers),
            "Secret": secret,
        ]
        let root: [String: Value] = [
            "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
            "title": .string("A manifest of reconcile"),
            "type": .string("object"),
            "required": .list([.string("kind")]),
            "properties": .map(["kind": .map(["enum": .list([.string("Environment"), .string("Workload")])])]),
            "allOf": .list(
                ["Environment", "Workload"].map { kind in
                    when("kind", is: kind, then: .map(["$ref": .string("#/$defs/" + kind)]))
                }),
            "$defs": .map(definitions),
        ]
        return PrettyJSON.text(of: .map(root))
    }

    /// The schema of `reconcile.yaml`.
    package static func configuration() -> String {
        var root = object(Schemas.configuration).map
        root["$schema"] = .string("https://json-schema.org/draft/2020-12/schema")
        root["title"] = .string("The configuration of reconcile")
        root["$defs"] = .map(["Secret": secret])
        return PrettyJSON.text(of: .map(root))
    }

    private static let scalars = Value.list([.string("string"), .string("number"), .string("boolean")])

    private static let secret: Value = .map([
        "description": .string("Where the value is kept; read just before it is needed."),
        "type": .string("object"), "additionalProperties": .bool(false), "required": .list([.string("secret")]),
        "properties": .map([
            "secret": .map([
                "oneOf": .list([
                    only("file", pattern: "^/"), only("env", pattern: "^[A-Za-z_][A-Za-z0-9_]*$"),
                ])
            ])
        ]),
    ])

    private static func only(_ key: String, pattern: String) -> Value {
        .map([
            "type": .string("object"), "additionalProperties": .bool(false), "required": .list([.string(key)]),
            "properties": .map([key: text(pattern)]),
        ])
    }

    private static func when(_ key: String, is value: String, then: Value) -> Value {
        .map([
            "if": .map([
                "properties": .map([key: .map(["const": .string(value)])]), "required": .list([.string(key)]),
            ]),
            "then": then,
        ])
    }

    /// The driver decides which block stands there.
    private static func workload(_ drivers: [DriverDescription]) -> Value {
        let names = drivers.map(\.name)
        var fields = Schemas.workload
        if let index = fields.firstIndex(where: { $0.name == "driver" }) { fields[index].schema = .choice(names) }
        fields += drivers.map { Schema.Field($0.name, $0.schema, "The block of the driver `\($0.name)`.") }
        var result = object(fields).map
        result["allOf"] = .list(
            names.map { name in
                let others = names.filter { $0 != name }.map { ($0, Value.bool(false)) }
                return when(
                    "driver", is: name,
                    then: .map([
                        "required": .list([.string(name)]),
                        "properties": .map(Dictionary(others) { first, _ in first }),
                    ]))
            })
        return .map(result)
    }

    private static func object(_ fields: [Schema.Field]) -> Value {
        var result: [String: Value] = [
            "type": .string("object"), "additionalProperties": .bool(false),
            "properties": .map(fields.reduce(into: [:]) { $0[$1.name] = property($1) }),
        ]
        let required = fields.filter(\.required).map { Value.string($0.name) }
        if !required.isEmpty { result["required"] = .list(required) }
        return .map(result)
    }

    private static func property(_ field: Schema.Field) -> Value {
        var result = value(field.schema).map
        var summary = field.summary
        if let fallback = field.fallback { summary += " Default: \(fallback)." }
        switch field.standing {
        case .acted: break
        case .notYet: summary += " Not acted on yet."
        case .someDrivers: summary += " Some drivers act on it."
        case .restrains: summary += " Not built yet: the environment waits."
        }
        result["description"] = .string(summary)
        return .map(result)
    }

    private static func value(_ schema: Schema) -> Value {
        switch schema {
        case .object(let fields): return object(fields)
        case .open(let fields):
            var result = object(fields).map
            result["additionalProperties"] = nil
            return .map(result)
        case .nameOr(let fields): return .map(["anyOf": .list([value(.name), object(fields)])])
        case .namesOr(_, let fields): return .map(["anyOf": .list([value(.list(.name)), object(fields)])])
        case .selection:
            return .map(["anyOf": .list([value(.oneOrMore(.name)), value(.map(.plain))])])
        case .oneOf(let kinds, let others):
            var result = object(kinds + others).map
            result["oneOf"] = .list(kinds.map { .map(["required": .list([.string($0.name)])]) })
            return .map(result)
        case .text: return .map(["anyOf": .list([.map(["type": scalars]), .map(["$ref": .string("#/$defs/Secret")])])])
        case .plain: return .map(["type": scalars])
        case .form(let form): return text(form.pattern)
        case .name:
            let number: Value = .map(["type": .string("integer"), "minimum": .int(0)])
            return .map(["anyOf": .list([text("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"), number])])
        case .sourcePath: return text(#"^(?!/)(?!(.*/)?\.\.(/|$)).+$"#)
        case .integer(let range):
            return .map([
                "type": .string("integer"), "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound),
            ])
        case .number(let range):
            var result: [String: Value] = ["type": .string("number")]
            if range.lowerBound == 0 { result["minimum"] = .int(0) }
            if range.upperBound < .infinity { result["maximum"] = .int(Int(range.upperBound)) }
            return .map(result)
        case .boolean: return .map(["type": .string("boolean")])
        case .duration: return .map(["anyOf": .list([text(duration), .map(["const": .int(0)])])])
        case .durationAtLeast: return text(duration)
        case .share:
            let count: Value = .map(["type": .string("integer"), "minimum": .int(0)])
            return .map(["anyOf": .list([text("^([0-9]+|(100|[0-9]{1,2})%)$"), count])])
        case .percentage: return text("^(100|[0-9]{1,2})%$")
        case .stage: return text(Stage.pattern)
        case .quantity(let kind):
            let units = kind == .bytes ? "[kMGTPE]|[KMGTPE]i" : "[mkMGTPE]|[KMGTPE]i"
            let number: Value = .map(["type": .string("number"), "minimum": .int(0)])
            return .map(["anyOf": .list([text(#"^[0-9]+(\.[0-9]+)?(\#(units))?$"#), number])])
        case .choice(let choices): return .map(["enum": .list(choices.map { .string($0) })])
        case .list(let item): return .map(["type": .string("array"), "items": value(item)])
        case .map(let item): return .map(["type": .string("object"), "additionalProperties": value(item)])
        case .variables:
            let own: Value = .map(["not": text("^" + Schema.ownVariables)])
            return .map([
                "type": .string("object"), "propertyNames": own, "additionalProperties": value(.text),
            ])
        case .oneOrMore(let item):
            return .map(["anyOf": .list([value(item), .map(["type": .string("array"), "items": value(item)])])])
        case .anything: return .map([:])
        }
    }

    private static let duration = "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"

    private static func text(_ pattern: String) -> Value {
        .map(["type": .string("string"), "pattern": .string(pattern)])
    }
}
