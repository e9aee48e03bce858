/// Sizes for people.
enum Bytes {
    /// `512 MiB`, `2.5 GiB`, `100 bytes`: rounded up, so that it is never less than it was.
    static func text(_ count: Int) -> String {
        var (size, unit) = (1, "bytes")
        for next in ["KiB", "MiB", "GiB", "TiB", "PiB"] where count / size >= 1024 {
            (size, unit) = (size * 1024, next)
        }
        let rest = count % size
        let tenths = count / size * 10 + (rest == 0 ? 0 : rest / (size / 10 + 1) + 1)
        return "\(tenths / 10)" + (tenths % 10 == 0 ? "" : ".\(tenths % 10)") + " " + unit
    }
}
