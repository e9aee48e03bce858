/// Where a secret is kept. The manifest holds only this; the value is read just before the step that needs it.
package enum SecretReference: Hashable, Sendable {
    /// A file on this machine; its content without one trailing newline.
    case file(String)
    /// A variable of our own environment.
    case environment(String)

    /// Reads `{"file": …}` or `{"env": …}`; nil for any other shape.
    package init?(_ value: Value) {
        guard case .map(let entries) = value, entries.count == 1 else { return nil }
        if let path = entries["file"]?.string {
            self = .file(path)
        } else if let name = entries["env"]?.string {
            self = .environment(name)
        } else {
            return nil
        }
    }

    /// The reference as the manifest writes it, without the outer `secret`.
    package var value: Value {
        switch self {
        case .file(let path): .map(["file": .string(path)])
        case .environment(let name): .map(["env": .string(name)])
        }
    }
}

extension SecretReference: Codable {
    /// Reads the shape of `value`; throws where it is another.
    package init(from decoder: any Decoder) throws {
        guard let reference = SecretReference(try Value(from: decoder)) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a secret is {file: …} or {env: …}"))
        }
        self = reference
    }

    /// Writes the shape of `value`.
    package func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}
