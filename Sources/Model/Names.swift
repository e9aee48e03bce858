/// The rule for names of environments and workloads.
package enum Names {
    /// Whether a name matches `[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?`.
    package static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 63, first != hyphen, last != hyphen else {
            return false
        }
        return bytes.allSatisfy { $0 == hyphen || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
    }

    /// The candidate that differs least from what was written, if it is near enough to be what was meant.
    package static func nearest(to name: String, in candidates: some Sequence<String>) -> String? {
        let limit = max(1, name.count / 3)
        return candidates.map { ($0, distance(name, $0)) }.filter { $0.1 <= limit }
            .min { $0.1 != $1.1 ? $0.1 < $1.1 : $0.0 < $1.0 }?.0
    }

    /// What to say of an environment that nobody knows, with the one that may have been meant.
    package static func unknownEnvironment(_ name: String, among known: some Sequence<String>) -> String {
        "there is no environment \(VisibleText.line(name, limit: 80))"
            + (nearest(to: name, in: known).map { "; did you mean \($0)?" } ?? "")
    }

    private static let hyphen = UInt8(ascii: "-")

    private static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.lowercased().utf8.prefix(64))
        let b = Array(right.lowercased().utf8.prefix(64))
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = x == y ? diagonal : 1 + min(diagonal, above, row[j])
                diagonal = above
            }
        }
        return row[b.count]
    }
}
