/// A query with variables in double braces: `rate(errors{server="{{instance}}"}[1m])`.
package struct QueryTemplate: Hashable, Sendable {
    /// What may stand in double braces.
    package enum Variable: String, Hashable, Sendable, CaseIterable {
        case environment, workload
        /// `canary` or `baseline`.
        case side
        /// One instance's name, the query being asked for each.
        case instance
        /// One instance's `host:port` as its driver gives it, the query being asked for each.
        case address
        /// The names of all instances of the side with `|` between them, for `=~`.
        case instances
        /// The addresses of all instances of the side likewise.
        case addresses
    }

    /// Why a text is no query.
    package struct Mistake: Error, Hashable, Sendable {
        /// One sentence.
        package var reason: String
    }

    private enum Part: Hashable, Sendable {
        case text(String)
        case variable(Variable)
    }

    /// As it was written.
    package let text: String
    private let parts: [Part]

    /// Reads it. Throws where a variable is not known or not closed.
    package init(_ text: String) throws(Mistake) {
        self.text = text
        var parts: [Part] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(ofPair: "{") {
            let inner = rest[rest.index(open, offsetBy: 2)...]
            guard let close = inner.firstIndex(ofPair: "}") else { throw Mistake(reason: "`{{` is not closed by `}}`") }
            let name = String(inner[..<close].filter { $0 != " " })
            guard let variable = Variable(rawValue: name) else {
                let known = Variable.allCases.map(\.rawValue)
                let near = Names.nearest(to: name, in: known).map { "did you mean `\($0)`?" }
                throw Mistake(
                    reason: "`{{\(VisibleText.line(name, limit: 40))}}` is no variable: "
                        + (near ?? "known are \(known.joined(separator: ", "))"))
            }
            parts += [.text(String(rest[..<open])), .variable(variable)]
            rest = inner[inner.index(close, offsetBy: 2)...]
        }
        self.parts = parts + [.text(String(rest))]
    }

    /// The variables that it holds.
    package var variables: Set<Variable> {
        Set(parts.compactMap { if case .variable(let variable) = $0 { variable } else { nil } })
    }

    /// Whether it is asked for each instance.
    package var isForEachInstance: Bool { !variables.isDisjoint(with: [.instance, .address]) }

    /// Whether it asks something else for each side.
    package var tellsSides: Bool { !variables.subtracting([.environment, .workload]).isEmpty }

    /// The query to send; nil where a value is missing or holds anything but letters, digits and `. : | _ - [ ]`: it
    /// could mean something in a query.
    package func filled(_ values: [Variable: String]) -> String? {
        var query = ""
        for part in parts {
            switch part {
            case .text(let text): query += text
            case .variable(let variable):
                guard let value = values[variable], QueryTemplate.isHarmless(value) else { return nil }
                query += value
            }
        }
        return query
    }

    private static func isHarmless(_ value: String) -> Bool {
        !value.isEmpty
            && value.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII
                    && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                        || ".:|_-[]".unicodeScalars.contains(scalar))
            }
    }
}

extension Substring {
    /// Where a character stands twice in a row.
    fileprivate func firstIndex(ofPair character: Character) -> Index? {
        zip(indices, indices.dropFirst()).first { self[$0] == character && self[$1] == character }?.0
    }
}

extension QueryTemplate: Codable {
    /// Reads the text.
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do throws(Mistake) {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: error.reason))
        }
    }

    /// Writes the text.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
