/// An argument, option or flag of a command, as the parser describes its declaration.
package struct ArgumentShape: Decodable, Sendable {
    /// How it is written on a command line.
    package enum Kind: String, Decodable, Sendable {
        /// A bare value.
        case positional
        /// A name and a value.
        case option
        /// A name alone.
        case flag
    }

    struct Name: Decodable, Sendable {
        var kind: String
        var name: String
    }

    /// How it is written on a command line.
    package let kind: Kind
    /// Whether it may be left out.
    package let isOptional: Bool
    /// Whether it may be given more than once.
    package let isRepeating: Bool
    let names: [Name]?
    let valueName: String?
    let abstract: String?
    let defaultValue: String?
    let sectionTitle: String?

    /// What is typed: `-e` before `--environment`; empty for a bare value.
    package var words: [String] {
        let names = names ?? []
        return names.filter { $0.kind == "short" }.map { "-" + $0.name }
            + names.filter { $0.kind != "short" }.map { "--" + $0.name }
    }

    /// What stands for its value: `ENV`; empty for a flag.
    package var value: String { kind == .flag ? "" : (valueName ?? "value").uppercased() }

    /// `-e, --environment ENV`.
    package var label: String {
        kind == .positional ? value + (isRepeating ? "…" : "") : words.joined(separator: ", ") + suffix
    }

    /// How a usage line has it: `[-e ENV]…`.
    package var usage: String {
        let text = kind == .positional ? value : (words.first ?? "") + suffix
        return (isOptional ? "[\(text)]" : text) + (isRepeating ? "…" : "")
    }

    /// What it means: a sentence, without its default.
    package var meaning: String {
        guard let parts else { return abstract ?? "" }
        return parts.before + "."
    }

    /// What holds where it is not given; nil where there is nothing to say.
    package var fallback: String? {
        if let parts { return parts.fallback }
        return kind == .option && !isRepeating ? defaultValue : nil
    }

    /// The meaning, with its default.
    package var sentence: String {
        guard let fallback else { return meaning }
        return (meaning.hasSuffix(".") ? String(meaning.dropLast()) : meaning) + " (default: \(fallback))."
    }

    /// The variable that stands for it; nil where there is none.
    package var variable: String? {
        guard let name = words.last, isCommon || ArgumentShape.ownWithVariable.contains(name) else { return nil }
        return Variables.name(of: name)
    }

    /// Whether every command has it.
    var isCommon: Bool { sectionTitle == CommonOptions.title }

    private static let ownWithVariable: Set = ["--dry-run", "--detailed-exitcode", "--log"]

    private var suffix: String { value.isEmpty ? "" : " " + value }

    private var parts: (before: String, fallback: String)? {
        guard let match = abstract?.wholeMatch(of: #/(.*) \(default: (.*)\)\./#) else { return nil }
        return (String(match.1), String(match.2))
    }
}
