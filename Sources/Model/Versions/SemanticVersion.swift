/// A version as Semantic Versioning 2.0.0 has it, with its order of precedence. Build metadata is read and forgotten.
package struct SemanticVersion: Hashable, Sendable, Comparable {
    /// The three numbers.
    package var major, minor, patch: UInt64
    /// The parts of the pre-release, such as `rc` and `1`; empty for a release.
    package var prerelease: [String]

    /// All parts; those of `prerelease` are taken as they are.
    package init(_ major: UInt64, _ minor: UInt64, _ patch: UInt64, prerelease: [String] = []) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = prerelease
    }

    /// Reads `1.2.3-rc.1+build`, with a leading `v` or without. Nil for anything that is not exactly that.
    package init?(_ text: some StringProtocol) {
        let scalars = text.utf8.first.map { $0 | 0x20 } == UInt8(ascii: "v") ? text.utf8.dropFirst() : text.utf8[...]
        let whole = scalars.split(separator: UInt8(ascii: "+"), maxSplits: 1, omittingEmptySubsequences: false)
        if whole.count == 2, SemanticVersion.identifiers(whole[1], areOrdered: false) == nil { return nil }
        guard let core = whole.first else { return nil }
        let halves = core.split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = halves[0].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map { SemanticVersion.number($0) }
        guard numbers.count == 3, let major = numbers[0], let minor = numbers[1], let patch = numbers[2] else {
            return nil
        }
        self.init(major, minor, patch)
        guard halves.count == 2 else { return }
        guard let parts = SemanticVersion.identifiers(halves[1], areOrdered: true) else { return nil }
        prerelease = parts
    }

    /// A release, not something that comes before one.
    package var isRelease: Bool { prerelease.isEmpty }

    /// What comes before all its pre-releases.
    var beginning: SemanticVersion { SemanticVersion(major, minor, patch, prerelease: ["0"]) }

    /// Precedence: the numbers, then a release after its pre-releases, then the pre-release's parts, numbers by value
    /// and before words.
    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        let ours = (left.major, left.minor, left.patch)
        let theirs = (right.major, right.minor, right.patch)
        guard ours == theirs else { return ours < theirs }
        guard !left.isRelease, !right.isRelease else { return !left.isRelease && right.isRelease }
        for (one, other) in zip(left.prerelease, right.prerelease) where one != other {
            return SemanticVersion.precedes(one, other)
        }
        return left.prerelease.count < right.prerelease.count
    }

    private static func precedes(_ one: String, _ other: String) -> Bool {
        switch (one.utf8.allSatisfy(isDigit), other.utf8.allSatisfy(isDigit)) {
        case (true, true):
            one.utf8.count == other.utf8.count
                ? one.utf8.lexicographicallyPrecedes(other.utf8) : one.utf8.count < other.utf8.count
        case (true, false): true
        case (false, true): false
        case (false, false): one.utf8.lexicographicallyPrecedes(other.utf8)
        }
    }

    /// A number without leading zeros; nil for anything else, such as one above 2^64.
    static func number(_ digits: some Collection<UInt8>) -> UInt64? {
        guard !digits.isEmpty, digits.allSatisfy(isDigit), digits.count == 1 || digits.first != UInt8(ascii: "0")
        else { return nil }
        return UInt64(String(decoding: Array(digits), as: UTF8.self))
    }

    /// The parts of a pre-release, or of build metadata, whose numbers may have leading zeros.
    static func identifiers(_ text: some Collection<UInt8>, areOrdered: Bool) -> [String]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for part in parts {
            let isWord = part.allSatisfy { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "-") }
            guard !part.isEmpty, isWord else { return nil }
            let hasZeros = part.count > 1 && part.first == UInt8(ascii: "0") && part.allSatisfy(isDigit)
            if areOrdered, hasZeros { return nil }
        }
        return parts.map { String(decoding: Array($0), as: UTF8.self) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}

extension SemanticVersion: CustomStringConvertible {
    /// `1.2.3-rc.1`.
    package var description: String {
        "\(major).\(minor).\(patch)" + (isRelease ? "" : "-" + prerelease.joined(separator: "."))
    }
}
