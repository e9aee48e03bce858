import Model

/// Compares a document with its schema: every mistake becomes a finding, every key that is not acted on a notice, and
/// what is right becomes a value. Durations become milliseconds.
struct NodeChecker {
    private(set) var findings: [Finding] = []
    private(set) var notices: [Notice] = []

    mutating func report(_ place: Place, _ message: String) {
        findings.append(Finding(place: place, message: message))
    }

    /// The value of a node, or nil where it is wrong; parts that are wrong are left out of objects and lists.
    mutating func value(_ node: YAMLNode, _ schema: Schema, path: String) -> Value? {
        switch schema {
        case .object(let fields): return object(node, fields, path: path)
        case .open(let fields): return open(node, fields, path: path)
        case .nameOr(let fields):
            if case .map = node.content { return object(node, fields, path: path) }
            return value(node, .name, path: path).map { .map(["name": $0]) }
        case .namesOr(let key, let fields):
            if case .map = node.content { return object(node, fields, path: path) }
            guard case .list = node.content else { return expected("a list of names or a map", path, node) }
            return value(node, .list(.name), path: path).map { .map([key: $0]) }
        case .selection:
            if case .map = node.content { return map(node, .plain, path: path) }
            return value(node, .oneOrMore(.name), path: path)
        case .oneOf(let kinds, let others):
            guard let value = object(node, kinds + others, path: path) else { return nil }
            let given = kinds.filter { kind in node.entries.contains { $0.key == kind.name } }
            let names = kinds.map { "`\($0.name)`" }.joined(separator: ", ")
            if given.count != 1 { report(node.place, "exactly one of \(names) is expected here") }
            return value
        case .list(let item):
            guard case .list(let items) = node.content else { return expected("a list", path, node) }
            return .list(items.compactMap { value($0, item, path: path) })
        case .oneOrMore(let item):
            if node.isEmpty { return expected("one value or a list", path, node) }
            return .list(node.items.compactMap { value($0, item, path: path) })
        case .map(let item): return map(node, item, path: path)
        case .variables: return variables(node, path: path)
        case .anything: return anything(node)
        case .text:
            if node["secret"] != nil, node.entries.count == 1 { return secret(node) }
            return scalar(node, schema, path: path)
        default: return scalar(node, schema, path: path)
        }
    }

    /// Checks the keys of an object.
    mutating func object(_ node: YAMLNode, _ fields: [Schema.Field], path: String) -> Value? {
        guard case .map(let entries) = node.content else { return expected("a map of keys", path, node) }
        var result: [String: Value] = [:]
        for entry in entries {
            guard let field = fields.first(where: { $0.name == entry.key }) else {
                report(entry.place, NodeChecker.unknown(entry.key, fields.map(\.name)))
                continue
            }
            let inner = path.isEmpty ? entry.key : path + "." + entry.key
            let before = notices.count
            guard let value = value(entry.value, field.schema, path: inner) else { continue }
            result[entry.key] = value
            if field.standing != .acted {
                notices.removeSubrange(before...)
                if field.standing == .notYet || field.standing == .someDrivers || !value.restrainsNothing {
                    notices.append(Notice(path: inner, place: entry.place, restrains: field.standing == .restrains))
                }
            } else if let detail = value.string.flatMap({ field.notYet[$0] }) {
                notices.append(Notice(path: inner, place: entry.place, restrains: false, detail: detail))
            }
        }
        for field in fields where field.required && !entries.contains(where: { $0.key == field.name }) {
            report(node.place, "missing key `\(field.name)`" + NodeChecker.hint(for: field))
        }
        return .map(result)
    }

    private mutating func open(_ node: YAMLNode, _ fields: [Schema.Field], path: String) -> Value? {
        guard case .map(let entries) = node.content else { return expected("a map of keys", path, node) }
        let known = entries.filter { entry in fields.contains { $0.name == entry.key } }
        guard let value = object(YAMLNode(content: .map(known), place: node.place), fields, path: path) else {
            return nil
        }
        var result = value.map
        for entry in entries where !fields.contains(where: { $0.name == entry.key }) {
            result[entry.key] = free(entry.value)
        }
        return .map(result)
    }

    /// Anything, with secrets in it.
    private mutating func free(_ node: YAMLNode) -> Value? {
        switch node.content {
        case .scalar(let text, _):
            if text.unicodeScalars.contains("\0") { report(node.place, "this holds a NUL character") }
            return .string(text)
        case .list(let items): return .list(items.compactMap { free($0) })
        case .map(let entries):
            if entries.count == 1, entries[0].key == "secret" { return secret(node) }
            return .map(entries.reduce(into: [:]) { $0[$1.key] = free($1.value) })
        }
    }

    private mutating func map(_ node: YAMLNode, _ item: Schema, path: String) -> Value? {
        guard case .map(let entries) = node.content else { return expected("a map of keys", path, node) }
        var result: [String: Value] = [:]
        for entry in entries {
            if !NodeChecker.isFreeKey(entry.key) {
                report(
                    entry.place,
                    "the key \(quoted(entry.key)) may hold letters, digits and `_ . / -` only, and begins with none of `.-/`"
                )
            }
            if let value = value(entry.value, item, path: path + "." + entry.key) { result[entry.key] = value }
        }
        return .map(result)
    }

    private mutating func variables(_ node: YAMLNode, path: String) -> Value? {
        for entry in node.entries where entry.key.hasPrefix(Schema.ownVariables) {
            report(
                entry.place,
                "the variable \(quoted(entry.key)) is ours: names that begin with \(Schema.ownVariables) are set for every command"
            )
        }
        return map(node, .text, path: path)
    }

    private mutating func anything(_ node: YAMLNode) -> Value? {
        switch node.content {
        case .scalar(let text, _): .string(text)
        case .list(let items): .list(items.compactMap { anything($0) })
        case .map(let entries): .map(entries.reduce(into: [:]) { $0[$1.key] = anything($1.value) })
        }
    }

    private mutating func secret(_ node: YAMLNode) -> Value? {
        guard let inner = node["secret"], inner.entries.count == 1, let entry = inner.entries.first,
            let text = entry.value.text, ["file", "env"].contains(entry.key)
        else {
            report(node.place, "a secret is written {secret: {file: /absolute/path}} or {secret: {env: NAME}}")
            return nil
        }
        if entry.key == "file" {
            if text.hasPrefix("/"), !text.unicodeScalars.contains("\0") { return .secret(.file(text)) }
            report(
                entry.value.place, "the file of a secret must be an absolute path on the machine that runs reconcile")
            return nil
        }
        if NodeChecker.isVariable(text) { return .secret(.environment(text)) }
        report(entry.value.place, "the variable of a secret must be a name such as WEB_TOKEN")
        return nil
    }

    /// Reports what was expected instead of a node, and gives nothing.
    mutating func expected(_ what: String, _ path: String, _ node: YAMLNode) -> Value? {
        let found: String =
            switch node.content {
            case .list: "a list"
            case .map: node["secret"] != nil ? "a secret" : "a map"
            case .scalar(_, _) where node.isEmpty: "nothing"
            case .scalar(let text, plain: true): quoted(text)
            case .scalar(let text, plain: false): "the string \(quoted(text))"
            }
        let start = path.isEmpty ? "this document" : "`\(VisibleText.line(path, limit: 80))`"
        report(node.place, "\(start) must be \(what), not \(found)")
        return nil
    }

    private static func unknown(_ key: String, _ known: [String]) -> String {
        let near = suggestion(for: key, from: known)
        let end = near.isEmpty ? ": known here are \(known.joined(separator: ", "))" : near
        return "unknown key \"\(VisibleText.line(key, limit: 40))\"\(end)"
    }

    private static func hint(for field: Schema.Field) -> String {
        if case .choice(let all) = field.schema, let only = all.first, all.count == 1 {
            return ": write `\(field.name): \(only)`"
        }
        return ""
    }

    private static func isFreeKey(_ key: String) -> Bool {
        guard let first = key.utf8.first, key.utf8.count <= 128 else { return false }
        return isAlphanumeric(first) || first == UInt8(ascii: "_")
            ? key.utf8.allSatisfy { isAlphanumeric($0) || "_./-".utf8.contains($0) } : false
    }

    static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 128, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

extension Value {
    /// `soak: 0`, `windows: []`, `approval: {required: 0}`: the key is there and asks for nothing.
    fileprivate var restrainsNothing: Bool {
        switch self {
        case .int(0), .list([]), .bool(false): true
        case .map(let entries): entries["required"] == .int(0)
        default: false
        }
    }
}
