/// A place in a JSON document: `$.queues[0].length`; the `$.` may be left out.
package struct JSONPath: Hashable, Sendable {
    /// One step on the way.
    package enum Part: Hashable, Sendable {
        case key(String)
        /// Counts from 0.
        case item(Int)
    }

    /// The way from the document's top; empty for the document itself.
    package let parts: [Part]
    /// As it was written.
    package let text: String

    /// Reads it; nil where it is no path: names with dots between them, and numbers in brackets.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 500 else { return nil }
        self.text = text
        var parts: [Part] = []
        var rest = Substring(text)
        if rest.first == "$" { rest = rest.dropFirst() } else if rest.first != "[" { rest = "." + rest }
        while let first = rest.first {
            rest = rest.dropFirst()
            if first == "[" {
                guard let end = rest.firstIndex(of: "]"), let number = Int(rest[..<end]),
                    String(number) == rest[..<end],
                    number >= 0
                else { return nil }
                parts.append(.item(number))
                rest = rest[rest.index(after: end)...]
            } else {
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard first == ".", !name.isEmpty else { return nil }
                parts.append(.key(String(name)))
                rest = rest.dropFirst(name.count)
            }
        }
        self.parts = parts
    }
}

extension JSONPath: Codable {
    /// Reads the text.
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let path = JSONPath(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "this is no place in a JSON document"))
        }
        self = path
    }

    /// Writes the text.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
