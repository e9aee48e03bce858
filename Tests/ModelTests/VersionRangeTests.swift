import Foundation
import Model
import Testing

@Suite struct VersionRangeTests {
    private static func contains(_ range: String, _ version: String) throws -> Bool {
        try VersionRange(range).contains(try #require(SemanticVersion(version)))
    }

    @Test(arguments: [
        (">=1.2.0 <2.0.0", ["1.2.0", "1.99.0"], ["1.1.9", "2.0.0", "2.0.0-rc.1", "1.3.0-rc.1"]),
        (">= 1.2.0, < 2", ["1.2.0", "1.99.0"], ["2.0.0", "2.0.0-0"]),
        (">=1.2.0<2.0.0", ["1.2.0"], ["2.0.0"]),
        ("1.2.3", ["1.2.3", "1.2.3+other"], ["1.2.4", "1.2.3-rc.1"]),
        ("=v1.2.3", ["1.2.3"], ["1.2.2"]),
        ("1.2", ["1.2.0", "1.2.9"], ["1.3.0", "1.3.0-0", "1.2.1-a"]),
        ("1.x", ["1.0.0", "1.9.9"], ["2.0.0", "0.9.0", "2.0.0-0"]),
        ("1.2.*", ["1.2.0"], ["1.3.0"]),
        ("*", ["0.0.0", "9.9.9"], ["1.0.0-rc.1"]),
        ("x", ["0.0.0"], ["1.0.0-rc.1"]),
        (">1.2", ["1.3.0"], ["1.2.9", "1.3.0-0"]),
        (">1.2.3", ["1.2.4"], ["1.2.3"]),
        ("<=1.2", ["1.2.9", "0.0.1"], ["1.3.0", "1.3.0-0"]),
        ("<=1.2.3", ["1.2.3"], ["1.2.4"]),
        ("<1.2", ["1.1.9"], ["1.2.0", "1.2.0-0"]),
        ("^1.2.3", ["1.2.3", "1.9.0"], ["1.2.2", "2.0.0", "2.0.0-0"]),
        ("^1.2", ["1.2.0", "1.9.0"], ["1.1.9", "2.0.0"]),
        ("^1", ["1.0.0", "1.9.0"], ["0.9.0", "2.0.0"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0", "0.2.2"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4", "0.0.2"]),
        ("^0.0", ["0.0.0", "0.0.9"], ["0.1.0"]),
        ("^0", ["0.0.0", "0.9.9"], ["1.0.0"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0", "1.2.2"]),
        ("~1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("~1", ["1.0.0", "1.9.9"], ["2.0.0"]),
        ("~0.0.1", ["0.0.1", "0.0.9"], ["0.1.0"]),
        ("1.2.3 || ^2.1", ["1.2.3", "2.1.0", "2.9.0"], ["1.2.4", "2.0.9", "3.0.0"]),
        (">=1.2.3-rc.1", ["1.2.3-rc.1", "1.2.3-rc.2", "1.2.3", "2.0.0-alpha"], ["1.2.3-beta", "1.2.2"]),
        (">=1.0.0-0 <2.0.0", ["1.0.0-0", "1.5.0-rc.1", "1.9.9"], ["2.0.0-rc.1", "2.0.0"]),
        ("^1.2.3-beta.2", ["1.2.3-beta.2", "1.2.3", "1.4.0-rc.1"], ["1.2.3-beta.1", "2.0.0-alpha", "2.0.0"]),
        ("<2.0.0-rc.2", ["2.0.0-rc.1", "1.0.0"], ["2.0.0-rc.2", "2.0.0"]),
        ("1.2.3-rc.1", ["1.2.3-rc.1"], ["1.2.3", "1.2.3-rc.2"]),
        (">=1.0.0-0 || <0.1.0", ["1.0.0-rc.1", "0.0.1"], ["0.0.1-rc.1"]),
    ])
    func rangesHoldWhatTheySay(_ range: String, _ inside: [String], _ outside: [String]) throws {
        for version in inside { #expect(try VersionRangeTests.contains(range, version), "\(range) \(version)") }
        for version in outside { #expect(try !VersionRangeTests.contains(range, version), "\(range) \(version)") }
    }

    @Test(arguments: [
        "", " ", "||", "1 ||", "a", ">=", "1.2.3.4", "1.2.3 - 2.0.0", "=>1.2", "==1.2.3", "><1", "1.x.3", "01.2.3",
        "1.02", ">*", "1.2.3-", "\u{1B}[31m", "^^1", "latest", "1.2.3 |", String(repeating: "1 ", count: 400),
    ])
    func whatIsNoRangeIsNamed(_ text: String) {
        #expect { try VersionRange(text) } throws: { error in
            let sentence = "\(error)"
            return error is VersionRangeError && !sentence.isEmpty && !sentence.contains("\u{1B}")
        }
    }

    /// Ranges follow from their ends, whatever the versions.
    @Test func rangesAreWhatTheirEndsSay() throws {
        var noise = Seeded(seed: 5)
        let versions = (0..<80).map { _ in VersionTests.random(&noise) }
        for low in versions.prefix(30) {
            let (atLeast, below) = (try VersionRange(">=\(low)"), try VersionRange("<\(low)"))
            let exact = try VersionRange("\(low)")
            for version in versions {
                let isIn = version >= low && (version.isRelease || !low.isRelease)
                #expect(atLeast.contains(version) == isIn, "\(version) \(low)")
                #expect(exact.contains(version) == (version == low), "\(version) \(low)")
                #expect(!(atLeast.contains(version) && below.contains(version)), "\(version) \(low)")
                if version.isRelease {
                    #expect(atLeast.contains(version) != below.contains(version), "\(version) \(low)")
                }
            }
            for high in versions.prefix(20) {
                let both = try VersionRange(">=\(low) <=\(high)")
                let either = try VersionRange(">=\(low) || <=\(high)")
                for version in versions where version.isRelease {
                    #expect(both.contains(version) == (version >= low && version <= high))
                    #expect(either.contains(version) == (version >= low || version <= high))
                }
            }
            let (caret, tilde) = (try VersionRange("^\(low)"), try VersionRange("~\(low)"))
            for version in versions where version.isRelease {
                if tilde.contains(version) { #expect((version.major, version.minor) == (low.major, low.minor)) }
                if caret.contains(version) { #expect(version.major == low.major && version >= low) }
                if low.major > 0, version.major == low.major { #expect(caret.contains(version) == (version >= low)) }
            }
        }
    }

    @Test func survivesBeingWritten() throws {
        let range = try VersionRange("^1.2 || 3.x")
        #expect(try JSONDecoder().decode(VersionRange.self, from: JSONEncoder().encode(range)) == range)
        #expect(throws: (any Error).self) { try JSONDecoder().decode(VersionRange.self, from: Data(#""a""#.utf8)) }
    }
}
