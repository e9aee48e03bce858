/// A version as ranges name it: its end may be left out or be `x` or `*`.
struct PartialVersion {
    private var numbers: [UInt64] = []
    private var prerelease: [String] = []

    /// Nil for what is none.
    init?(_ text: Substring) {
        if let version = SemanticVersion(text) {
            numbers = [version.major, version.minor, version.patch]
            prerelease = version.prerelease
            return
        }
        var text = text
        if let first = text.first, first == "v" || first == "V" { text = text.dropFirst() }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return nil }
        var isOver = false
        for part in parts {
            if ["x", "X", "*"].contains(part) {
                isOver = true
            } else if !isOver, let number = SemanticVersion.number(part.utf8) {
                numbers.append(number)
            } else {
                return nil
            }
        }
        // `1.2.3` was read above; anything else of three numbers is none, such as one with leading zeros.
        guard numbers.count < 3 else { return nil }
    }

    /// Whether nothing was left out.
    var isWhole: Bool { numbers.count == 3 }

    func floor(_ side: VersionBound.Side) -> VersionBound {
        var version = SemanticVersion(number(0), number(1), number(2))
        version.prerelease = prerelease
        return VersionBound(side: side, version: version, namesPrerelease: !prerelease.isEmpty)
    }

    /// The first version that this one, read as a prefix, does not cover; nil for a whole one and for `*`.
    var next: SemanticVersion? { isWhole ? nil : after(numbers.count) }

    /// The first version above that `~` does not allow; nil for `*`.
    var nextMinor: SemanticVersion? { after(min(2, numbers.count)) }

    /// The first version above that `^` does not allow, which keeps the first number that is not 0; nil for `*`.
    var nextBreaking: SemanticVersion? { after(numbers.firstIndex { $0 != 0 }.map { $0 + 1 } ?? numbers.count) }

    private func number(_ index: Int) -> UInt64 { index < numbers.count ? numbers[index] : 0 }

    /// One more in the last of the first so many numbers.
    private func after(_ count: Int) -> SemanticVersion? {
        guard count > 0 else { return nil }
        var next = [UInt64](repeating: 0, count: 3)
        for index in 0..<count { next[index] = number(index) }
        next[count - 1] = next[count - 1] &+ 1
        return SemanticVersion(next[0], next[1], next[2])
    }
}
