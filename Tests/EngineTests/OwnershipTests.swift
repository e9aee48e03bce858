import Testing

@testable import Engine

@Suite struct OwnershipTests {
    @Test func aNewOneBelongsToTheFirstThatHasIt() {
        var ownership = Ownership(sources: 3, recorded: [:])
        ownership.saw(["a", "b"], in: 2)
        #expect(ownership.owner(of: "a") == nil, "those in front may have it")
        ownership.saw(["b"], in: 0)
        #expect(ownership.owner(of: "b") == 0)
        #expect(ownership.owner(of: "a") == nil)
        ownership.saw(nil, in: 1)
        #expect(ownership.owner(of: "a") == 2, "one that cannot be read holds up nobody")
        #expect(ownership.owner(of: "nowhere") == 0)
    }

    @Test func aRecordedOneStaysUntilItsOwnerIsSeenWithoutIt() {
        var ownership = Ownership(sources: 2, recorded: ["a": 1])
        ownership.saw(["a"], in: 0)
        #expect(ownership.owner(of: "a") == nil)
        ownership.saw(nil, in: 1)
        #expect(ownership.owner(of: "a") == 1, "cannot read is not empty")
        ownership.saw(["a"], in: 1)
        #expect(ownership.owner(of: "a") == 1)
        ownership.saw([], in: 1)
        #expect(ownership.owner(of: "a") == 0)
        ownership.give("a", to: 0)
        ownership.saw(["a"], in: 1)
        #expect(ownership.owner(of: "a") == 0, "it does not go back by itself")
        ownership.forget("a")
        ownership.saw([], in: 0)
        #expect(ownership.owner(of: "a") == 1)
    }

    /// Once everything was looked at, the order of the looks decides nothing, and the owner has the folder if any has.
    @Test func theOrderOfLooksDoesNotMatter() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let count = Int.random(in: 1...4, using: &random)
            let recorded = Bool.random(using: &random) ? ["a": Int.random(in: 0..<count, using: &random)] : [:]
            let looks = (0..<count).map { place -> (Int, Set<String>?) in
                (place, [nil, [], ["a"]].randomElement(using: &random) ?? nil)
            }
            let owners = (0..<5).map { _ -> Int? in
                var ownership = Ownership(sources: count, recorded: recorded)
                for (place, seen) in looks.shuffled(using: &random) { ownership.saw(seen, in: place) }
                return ownership.owner(of: "a")
            }
            let owner = try #require(owners[0])
            #expect(owners.allSatisfy { $0 == owner }, "\(recorded) \(looks)")
            if looks.contains(where: { $0.1?.contains("a") == true }), recorded["a"] != owner {
                #expect(looks[owner].1?.contains("a") == true, "\(recorded) \(looks)")
            }
        }
    }
}
