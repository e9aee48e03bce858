import Model
import Testing

@testable import Traffic

@Suite struct WeightsTests {
    /// Rollouts that are likely: up to 30 old ones and 30 new ones, from 1 to 99 %.
    @Test func aSideGetsItsShareWhateverTheInstanceCounts() {
        for old in [1, 2, 3, 5, 8, 13, 30] {
            for new in [1, 2, 3, 4, 7, 10, 30] {
                for percent in stride(from: 1, through: 99, by: 7) {
                    let shares =
                        Array(repeating: (100 - percent) * 100 / old, count: old)
                        + Array(repeating: percent * 100 / new, count: new)
                    // With 1 % over 30 against 99 % on one no balancer with 256 weights can do better than this.
                    guard let least = shares.min(), let most = shares.max(), most <= least * 256 else { continue }
                    let weights = Weights.fitting(shares, most: 256)
                    let got = Double(weights[old...].reduce(0, +)) / Double(weights.reduce(0, +))
                    let wanted = Double(shares[old...].reduce(0, +)) / Double(shares.reduce(0, +))
                    #expect(abs(got - wanted) <= 0.005, "\(old) \(new) \(percent): \(weights)")
                    #expect(weights.allSatisfy { (1...256).contains($0) })
                    #expect(Set(weights[..<old]).count == 1 && Set(weights[old...]).count == 1)
                }
            }
        }
    }

    @Test func smallNumbersAreTaken() {
        #expect(Weights.fitting([3333, 3333, 3333], most: 256) == [1, 1, 1])
        #expect(Weights.fitting([3000, 3000, 3000, 1000], most: 256) == [3, 3, 3, 1])
        #expect(Weights.fitting([9000, 0, 1000], most: 256) == [9, 0, 1])
        #expect(Weights.fitting([0, 0], most: 256) == [0, 0])
        #expect(Weights.fitting([], most: 256) == [])
        #expect(Weights.fitting([10_000, 1], most: 100) == [100, 1])
    }

    @Test func whatStandsMoreOftenStandsEverywhere() {
        let places = Weights.spread([3, 1, 0])
        #expect(places.count == 4 && places.filter { $0 == 0 }.count == 3 && places.filter { $0 == 1 }.count == 1)
        for start in 0..<80 {
            let part = (0..<10).map { Weights.spread([9, 1])[(start + $0) % 10] }
            #expect(part.filter { $0 == 1 }.count == 1)
        }
        #expect(Weights.spread([]) == [])
    }
}
