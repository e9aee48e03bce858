import Model
import Testing

@Suite struct VersionTests {
    /// The example of Semantic Versioning 2.0.0, paragraph 11, and what stands around it.
    private static let ordered = [
        "0.0.0-0", "0.0.0", "0.0.1", "0.1.0", "1.0.0-0", "1.0.0-2", "1.0.0-11", "1.0.0-alpha", "1.0.0-alpha.1",
        "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0-rc.1.0", "1.0.0",
        "1.0.1-x-y-z.--", "1.0.1", "1.2.0", "1.10.0", "2.0.0", "10.0.0", "18446744073709551615.0.0",
    ]

    @Test func precedenceIsThatOfTheStandard() throws {
        let versions = try VersionTests.ordered.map { try #require(SemanticVersion($0)) }
        #expect(versions.shuffled().sorted() == versions)
        for (left, right) in zip(versions, versions.dropFirst()) { #expect(left < right && !(right < left)) }
        #expect(versions.map(\.description) == VersionTests.ordered)
    }

    @Test func buildMetadataAndALeadingVMeanNothing() throws {
        let plain = try #require(SemanticVersion("1.2.3-rc.1"))
        for text in ["v1.2.3-rc.1", "V1.2.3-rc.1", "1.2.3-rc.1+build.007", "v1.2.3-rc.1+a-b.c"] {
            #expect(SemanticVersion(text) == plain, "\(text)")
        }
    }

    @Test func whatIsNoVersionIsNone() {
        for text in [
            "", "v", "1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "1.2.03", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3+",
            "1.2.3+a+b", "1.2.3-é", "1.2.3 ", " 1.2.3", "vv1.2.3", "1.2.x", "-1.2.3", "1.2.3-a_b", "a.b.c",
            "18446744073709551616.0.0", "release-1.2.3",
        ] {
            #expect(SemanticVersion(text) == nil, "\(text)")
        }
    }

    /// Any two versions of a seeded many compare as their parts do, and in one direction only.
    @Test func theOrderIsTotal() {
        var noise = Seeded(seed: 11)
        let versions = (0..<60).map { _ in VersionTests.random(&noise) }
        for one in versions {
            #expect(SemanticVersion(one.description) == one)
            for other in versions {
                #expect([one < other, one == other, other < one].count { $0 } == 1, "\(one) \(other)")
                for third in versions where one < other && other < third { #expect(one < third) }
            }
        }
    }

    static func random(_ noise: inout Seeded) -> SemanticVersion {
        func number(_ noise: inout Seeded) -> UInt64 { UInt64.random(in: 0...3, using: &noise) }
        let parts = ["0", "1", "10", "2", "alpha", "beta", "rc", "x-1"]
        var prerelease: [String] = []
        if Bool.random(using: &noise) {
            for _ in 0..<Int.random(in: 1...3, using: &noise) {
                prerelease.append(parts.randomElement(using: &noise) ?? "")
            }
        }
        return SemanticVersion(number(&noise), number(&noise), number(&noise), prerelease: prerelease)
    }
}
