import Model
import TestSupport

@testable import Manifests

/// Makes values that a schema allows: as YAML text in flow style, and as what must be read from it.
struct Generated {
    var random: Seeded

    mutating func value(_ schema: Schema) -> (text: String, value: Value) {
        switch schema {
        case .object(let fields): return object(fields)
        case .open(let fields):
            return object(fields + [Schema.Field("other", .anything, ""), Schema.Field("inner", .list(.text), "")])
        case .nameOr(let fields):
            if Bool.random(using: &random) { return object(fields) }
            let name = value(.name)
            return (name.text, .map(["name": name.value]))
        case .namesOr(let key, let fields):
            if Bool.random(using: &random) { return object(fields) }
            let names = value(.list(.name))
            return (names.text, .map([key: names.value]))
        case .selection: return value(Bool.random(using: &random) ? .oneOrMore(.name) : .map(.plain))
        case .oneOf(let kinds, let others):
            let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
            return object([Schema.Field(kind.name, kind.schema, required: true, "")] + others)
        case .text: return Bool.random(using: &random) ? string() : secret()
        case .plain, .anything: return string()
        case .form(let form): return pick([form.example])
        case .name: return pick(["web", "a", "0", "no", "x-1", String(repeating: "n", count: 63)])
        case .sourcePath:
            let path = pick(["site", "a/b/c.txt", "a b", "ü"])
            return Bool.random(using: &random) ? path : ("\"./" + path.text.filter { $0 != "\"" } + "/\"", path.value)
        case .integer(let range):
            let number = Int.random(in: range, using: &random)
            return (String(number), .int(number))
        case .number:
            let number = ["0", "1", "12", "0.5", "99.9"][Int.random(in: 0..<5, using: &random)]
            return (number, .string(number))
        case .boolean:
            let flag = Bool.random(using: &random)
            return (flag ? "true" : "false", .bool(flag))
        case .duration: return duration(atLeast: 0)
        case .durationAtLeast(let least): return duration(atLeast: least)
        case .share: return pick(["1", "7", "25%", "100%", "1%"])
        case .percentage: return pick(["25%", "100%", "0%"])
        case .stage: return pick(["build", "deploy-full", "deploy-staging", "deploy-canary (5%)", "monitor (1h30m)"])
        case .quantity(.processors): return pick(["500m", "2", "1.5"])
        case .quantity(.bytes): return pick(["512Mi", "1Gi", "1.5G"])
        case .choice(let choices): return pick(choices)
        case .list(let item):
            let items = (0..<Int.random(in: 0...3, using: &random)).map { _ in value(item) }
            return ("[" + items.map(\.text).joined(separator: ", ") + "]", .list(items.map(\.value)))
        case .oneOrMore(let item):
            if Bool.random(using: &random) { return value(.list(item)) }
            let one = value(item)
            return (one.text, .list([one.value]))
        case .variables: return value(.map(.text))
        case .map(let item):
            let keys = ["A", "b_2", "c.d/e-f"].prefix(Int.random(in: 0...3, using: &random))
            let entries = keys.map { ($0, value(item)) }
            let text = entries.map { "\($0.0): \($0.1.text)" }.joined(separator: ", ")
            return ("{" + text + "}", .map(entries.reduce(into: [:]) { $0[$1.0] = $1.1.value }))
        }
    }

    mutating func object(_ fields: [Schema.Field]) -> (text: String, value: Value) {
        var entries: [(String, text: String, value: Value)] = []
        for field in fields.shuffled(using: &random) where field.required || Bool.random(using: &random) {
            let made = value(field.schema)
            entries.append((field.name, made.text, made.value))
        }
        let text = entries.map { "\($0.0): \($0.text)" }.joined(separator: ", ")
        return ("{" + text + "}", .map(entries.reduce(into: [:]) { $0[$1.0] = $1.value }))
    }

    private mutating func pick(_ choices: [String]) -> (text: String, value: Value) {
        let choice = choices[Int.random(in: 0..<choices.count, using: &random)]
        let isQuoted = Bool.random(using: &random)
        return (isQuoted ? "\"\(choice)\"" : choice, .string(choice))
    }

    private mutating func string() -> (text: String, value: Value) {
        let choices = [
            "", "no", "010", "1e3", "a: b", "# x", "\"quoted\" \\ back", "line\nbreak\ttab", "grüße 🚀", "*a", "&b",
            "<<", "{", "- ",
        ]
        let choice = choices[Int.random(in: 0..<choices.count, using: &random)]
        var text = ""
        text.appendJSON(choice)
        return (text, .string(choice))
    }

    private mutating func secret() -> (text: String, value: Value) {
        Bool.random(using: &random)
            ? ("{secret: {file: /run/keys/x}}", .secret(.file("/run/keys/x")))
            : ("{secret: {env: _X1}}", .secret(.environment("_X1")))
    }

    private mutating func duration(atLeast least: Int) -> (text: String, value: Value) {
        let span = TimeSpan(milliseconds: Int64(Int.random(in: least...(least + 100_000_000), using: &random)))
        return (span.description, .int(Int(span.milliseconds)))
    }
}
