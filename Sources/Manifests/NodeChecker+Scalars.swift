import Model

extension NodeChecker {
    /// Reads one value by its text: nothing is guessed from how YAML 1.1 would see it.
    mutating func scalar(_ node: YAMLNode, _ schema: Schema, path: String) -> Value? {
        let wanted = NodeChecker.name(of: schema)
        guard case .scalar(let text, let plain) = node.content, !node.isEmpty else {
            return expected(wanted, path, node)
        }
        guard !text.unicodeScalars.contains("\0") else {
            report(node.place, "`\(VisibleText.line(path, limit: 80))` holds a NUL character")
            return nil
        }
        switch schema {
        case .text, .plain: return .string(text)
        case .form(let form): if form.holds(text) { return .string(text) }
        case .name: if Names.isValid(text) { return .string(text) }
        case .sourcePath: return sourcePath(text, node)
        case .integer(let range):
            if plain, let number = Int(text), String(number) == text, range.contains(number) { return .int(number) }
        case .number(let range):
            if plain, let number = NumberText.read(text), range.contains(number) { return .string(text) }
        case .boolean: if plain, text == "true" || text == "false" { return .bool(text == "true") }
        case .duration: return duration(text, atLeast: 0) ?? expected(wanted, path, node)
        case .durationAtLeast(let least): return duration(text, atLeast: least) ?? expected(wanted, path, node)
        case .share: if Share(text) != nil, text.first?.isNumber == true { return .string(text) }
        case .percentage: if case .percent = Share(text), text.first?.isNumber == true { return .string(text) }
        case .stage:
            if Stage(text) != nil { return .string(text) }
            report(node.place, Stage.mistake(in: text))
            return nil
        case .quantity(let kind): if kind.holds(text) { return .string(text) }
        case .choice(let choices):
            if choices.contains(text) { return .string(text) }
            let near = suggestion(for: text, from: choices)
            guard !near.isEmpty else { return expected(wanted, path, node) }
            report(node.place, "unknown `\(path)` \(quoted(text))\(near)")
            return nil
        default: break
        }
        return expected(wanted, path, node)
    }

    private func duration(_ text: String, atLeast least: Int) -> Value? {
        guard let span = TimeSpan(text), span.milliseconds >= least else { return nil }
        return .int(Int(span.milliseconds))
    }

    /// Drops `./` in front and slashes at the end, and refuses what could lead out of the source.
    private mutating func sourcePath(_ text: String, _ node: YAMLNode) -> Value? {
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)
        while parts.last == "" { parts.removeLast() }
        while parts.first == "." { parts.removeFirst() }
        let path = parts.joined(separator: "/")
        let reason: String? =
            if text.hasPrefix("/") {
                "is absolute: write it relative to the source's folder"
            } else if parts.contains("..") {
                "leads out of its folder by `..`"
            } else if parts.isEmpty {
                "is the whole source: name files or folders in it"
            } else if parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".git" || $0.hasPrefix("-") }) {
                "has a part that is empty, `.`, `.git` or begins with `-`"
            } else if VisibleText.line(path, limit: .max) != path {
                "holds control or invisible characters"
            } else {
                nil
            }
        guard let reason else { return .string(path) }
        report(node.place, "the path \(quoted(text)) \(reason)")
        return nil
    }

    /// What a schema wants, for messages and for the reference.
    static func name(of schema: Schema) -> String {
        switch schema {
        case .object, .open, .oneOf, .map, .variables: "a map of keys"
        case .text: "a string or a secret"
        case .plain: "a string"
        case .form(let form): form.name
        case .name: "a name of lower-case letters, digits and hyphens, at most 63"
        case .sourcePath: "a path in the source"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range) where range.lowerBound == 0 && range.upperBound < .infinity:
            "a number from 0 to \(NumberText.shown(range.upperBound))"
        case .number(let range) where range.lowerBound == 0: "a number such as 1.5, and not below 0"
        case .number: "a number such as 0.01"
        case .boolean: "true or false"
        case .duration: "a duration such as 30s or 1h30m"
        case .durationAtLeast(let least) where least > 1:
            "a duration of at least \(TimeSpan(milliseconds: Int64(least)))"
        case .durationAtLeast: "a duration such as 30s or 1h30m, and not 0"
        case .share: "a count or a percentage such as 25%"
        case .percentage: "a percentage such as 25%"
        case .stage: "a stage"
        case .quantity(let kind): kind.name
        case .choice(let choices): choices.count == 1 ? choices[0] : "one of \(choices.joined(separator: ", "))"
        case .list, .oneOrMore: "a list"
        case .nameOr: "a name or a map"
        case .namesOr: "a list of names or a map"
        case .selection: "a name, a list of names or a map of labels"
        case .anything: "anything"
        }
    }
}
