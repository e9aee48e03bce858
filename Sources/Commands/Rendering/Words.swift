import Model

/// Times and numbers as people say them.
enum Words {
    /// How long something took: `250ms`, `4.2s`, `3m12s`, `2h5m`, `3d4h`.
    static func length(_ span: TimeSpan) -> String {
        let all = max(0, span.milliseconds)
        if all < 1000 { return "\(all)ms" }
        if all < 60_000 { return "\(all / 1000).\(all % 1000 / 100)s" }
        let seconds = all / 1000
        if seconds < 3600 { return "\(seconds / 60)m\(seconds % 60)s" }
        if seconds < 86_400 { return "\(seconds / 3600)h\(seconds % 3600 / 60)m" }
        return "\(seconds / 86_400)d\(seconds % 86_400 / 3600)h"
    }

    /// `just now`, `4.2s ago`, or `in 30.0s`.
    static func distance(_ time: Timestamp, from now: Timestamp) -> String {
        if time <= now, now - time < .seconds(1) { return "just now" }
        return time <= now ? length(now - time) + " ago" : "in " + length(time - now)
    }

    /// `2026-03-01T09:30:00Z`.
    static func second(_ time: Timestamp) -> String { String(time.iso8601.prefix(19)) + "Z" }

    /// Several lines of text, each behind a margin.
    static func indented(_ text: String, by margin: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { margin + $0 }.joined(separator: "\n")
    }
}
