/// Shares as people read them.
package enum Percent {
    /// `12.5` for 1250 parts per 10,000.
    package static func number(_ parts: Int) -> String {
        let (whole, rest) = (parts / 100, parts % 100)
        if rest == 0 { return "\(whole)" }
        return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// `12.5 %` for 1250 parts per 10,000.
    package static func text(_ parts: Int) -> String { number(parts) + " %" }
}
