/// A string of a manifest that may be kept elsewhere as a secret.
package enum Text: Hashable, Sendable {
    case plain(String)
    case secret(SecretReference)

    /// Nil where the value is neither a string nor a secret.
    package init?(_ value: Value) {
        switch value {
        case .string(let string): self = .plain(string)
        case .secret(let reference): self = .secret(reference)
        default: return nil
        }
    }

    /// The value this was read from.
    package var value: Value {
        switch self {
        case .plain(let string): .string(string)
        case .secret(let reference): .secret(reference)
        }
    }

    /// Fit for people: the string, or `(secret)`.
    package var shown: String {
        switch self {
        case .plain(let string): string
        case .secret: "(secret)"
        }
    }
}

extension Text: Codable {
    /// Reads a string or `{"secret": …}`.
    package init(from decoder: any Decoder) throws {
        guard let text = Text(try Value(from: decoder)) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a string or a secret is wanted"))
        }
        self = text
    }

    /// Writes a string or `{"secret": …}`.
    package func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}
