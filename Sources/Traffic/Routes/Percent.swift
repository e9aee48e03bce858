/// Shares as people read them.
enum Percent {
    /// `12.5 %` for 1250 parts per 10,000.
    static func text(_ share: Int) -> String {
        let (whole, rest) = (share / 100, share % 100)
        if rest == 0 { return "\(whole) %" }
        return rest % 10 == 0 ? "\(whole).\(rest / 10) %" : "\(whole).\(rest < 10 ? "0" : "")\(rest) %"
    }
}
