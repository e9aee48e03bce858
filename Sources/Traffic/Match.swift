import Model

/// Which requests of an A/B test go to the new side.
package enum Match: Hashable, Sendable {
    case header(name: String, value: String)
    case cookie(name: String, value: String)

    /// Reads `{header: {name, value}}` or `{cookie: {name, value}}`; nil for null. Throws where a name or a value could
    /// mean something to a balancer's configuration.
    package init?(_ value: Value) throws(TrafficError) {
        if value == .null { return nil }
        let isCookie = value["cookie"] != .null
        let inner = isCookie ? value["cookie"] : value["header"]
        guard let name = inner["name"].string, let text = inner["value"].string, Match.isName(name)
        else {
            throw TrafficError(
                "what tells requests apart is written {header: {name: X-Name, value: v}} or {cookie: {name: n, value: v}}; "
                    + "names hold letters, digits, `_` and `-`")
        }
        guard Match.isValue(text) else {
            throw TrafficError("the value that tells requests apart may hold letters, digits and `._:@/+=~-` only")
        }
        self = isCookie ? .cookie(name: name, value: text) : .header(name: name, value: text)
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 128 && !name.hasPrefix("-")
            && name.allSatisfy { Words.isAlphanumeric($0) || $0 == "_" || $0 == "-" }
    }

    private static func isValue(_ value: String) -> Bool {
        !value.isEmpty && value.utf8.count <= 256
            && value.allSatisfy { Words.isAlphanumeric($0) || "._:@/+=~-".contains($0) }
    }
}
