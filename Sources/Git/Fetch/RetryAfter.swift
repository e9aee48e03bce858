import Model

/// How long a server wants to be left alone (RFC 9110, 10.2.3).
enum RetryAfter {
    /// Looks for the field in the head of a response. Nil where it is not there or cannot be read; zero for a date that
    /// has passed.
    static func read(head: String, now: Timestamp) -> TimeSpan? {
        for line in head.split(whereSeparator: \.isNewline).dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "retry-after" else { continue }
            return parse(parts[1].drop { $0 == " " || $0 == "\t" }, now: now)
        }
        return nil
    }

    /// Seconds, or a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func parse(_ text: Substring, now: Timestamp) -> TimeSpan? {
        let words = text.split(separator: " ")
        if words.count == 1, let word = words.first, word.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return word.utf8.count > 9 ? .seconds(1_000_000_000) : Int64(word).map { .seconds($0) }
        }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let date = "\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4]).000Z"
        guard let instant = Timestamp(iso8601: date) else { return nil }
        return max(instant - now, .zero)
    }
}
