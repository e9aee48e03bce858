/// A value out of a manifest: what JSON can say, plus a reference to a secret wherever a string may stand.
package indirect enum Value: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    case string(String)
    case secret(SecretReference)
    case list([Value])
    case map([String: Value])

    /// The value under a key of a map; null for a missing key or for anything that is not a map.
    package subscript(key: String) -> Value {
        if case .map(let entries) = self { return entries[key] ?? .null }
        return .null
    }

    /// A map with one more entry, or with another value for one; the entry alone where this is no map.
    package func with(_ key: String, _ value: Value) -> Value {
        var entries = map
        entries[key] = value
        return .map(entries)
    }

    /// The string, where this is one.
    package var string: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    /// The whole number, where this is one.
    package var int: Int? {
        if case .int(let number) = self { return number }
        return nil
    }

    /// The items of a list; none for anything else.
    package var list: [Value] {
        if case .list(let items) = self { return items }
        return []
    }

    /// The entries of a map; none for anything else.
    package var map: [String: Value] {
        if case .map(let entries) = self { return entries }
        return [:]
    }
}

extension Value {
    /// The one way to write this value: JSON with sorted keys, no spaces, only the escapes that JSON demands.
    /// Digests and identities are taken over it. A secret is written as its reference, never as its value.
    package var canonical: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .int(let number): text += String(number)
        case .string(let string): text.appendJSON(string)
        case .secret(let reference): Value.map(["secret": reference.value]).write(to: &text)
        case .list(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                item.write(to: &text)
            }
            text += "]"
        case .map(let entries):
            text += "{"
            for (index, entry) in entries.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text += "," }
                text.appendJSON(entry.key)
                text += ":"
                entry.value.write(to: &text)
            }
            text += "}"
        }
    }
}

extension String {
    /// Appends a JSON string literal: quotes, backslashes and control characters escaped.
    package mutating func appendJSON(_ string: String) {
        append("\"")
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            default:
                if scalar.value < 0x20 {
                    let hex = String(scalar.value, radix: 16)
                    append("\\u" + String(repeating: "0", count: 4 - hex.count) + hex)
                } else {
                    unicodeScalars.append(scalar)
                }
            }
        }
        append("\"")
    }
}

extension Value: Codable {
    /// Reads any JSON; `{"secret": {"file": …}}` and `{"secret": {"env": …}}` become secret references.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let string = try? container.decode(String.self) {
            self = .string(string)
        } else if let number = try? container.decode(Int.self) {
            self = .int(number)
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let items = try? container.decode([Value].self) {
            self = .list(items)
        } else {
            let entries = try container.decode([String: Value].self)
            if entries.count == 1, let inner = entries["secret"], let reference = SecretReference(inner) {
                self = .secret(reference)
            } else {
                self = .map(entries)
            }
        }
    }

    /// Writes JSON in the shape that `init(from:)` reads.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .int(let number): try container.encode(number)
        case .string(let string): try container.encode(string)
        case .secret(let reference): try container.encode(["secret": reference.value])
        case .list(let items): try container.encode(items)
        case .map(let entries): try container.encode(entries)
        }
    }
}
