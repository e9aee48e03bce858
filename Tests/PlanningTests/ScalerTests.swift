import Model
import Planning
import Testing

@Suite struct ScalerTests {
    private let limits = Autoscaling(min: 2, max: 10)

    private func metric(up: Int64 = 0, down: Int64 = 300) -> ScalingMetric {
        ScalingMetric(probe: .container(.restarts), target: 60, scaleUp: .seconds(up), scaleDown: .seconds(down))
    }

    private func at(_ seconds: Int64, _ count: Int) -> Scaler.Recommendation {
        .init(at: Timestamp(milliseconds: seconds * 1000), count: count)
    }

    private func count(
        _ current: Int, _ recommendations: [Scaler.Recommendation], _ metric: ScalingMetric, now: Int64
    ) -> Int {
        Scaler.count(
            limits, current: current, recommendations: recommendations, metric: metric,
            now: Timestamp(milliseconds: now * 1000))
    }

    @Test(arguments: [
        (2, 85.0, 3), (2, 66, 2), (2, 54, 2), (4, 66.1, 5), (4, 30, 2), (4, 600, 10), (4, 0, 2), (4, -5, 2),
        (4, .nan, 4), (4, .infinity, 4), (4, 1e300, 10), (20, 60, 10), (1, 60, 2), (9, 53, 8),
    ])
    func recommendations(_ current: Int, _ value: Double, _ expected: Int) {
        #expect(Scaler.recommended(limits, current: current, value: value, target: 60) == expected)
    }

    @Test func upAtOnceAndDownWhenAllAgree() {
        #expect(count(2, [at(0, 3)], metric(), now: 0) == 3)
        #expect(count(5, [at(0, 5), at(100, 2)], metric(), now: 100) == 5)
        #expect(count(5, [at(0, 5), at(301, 3), at(310, 2)], metric(), now: 310) == 3)
        #expect(count(2, [at(0, 2), at(20, 6)], metric(up: 60), now: 20) == 2)
        #expect(count(2, [at(0, 2), at(61, 6), at(70, 4)], metric(up: 60), now: 70) == 4)
        #expect(count(5, [], metric(), now: 0) == 5)
        #expect(count(50, [], metric(), now: 0) == 10)
    }

    @Test func anySequenceKeepsTheRules() {
        var random = Seeded(5)
        for _ in 0..<3000 {
            let metric = metric(
                up: Int64.random(in: 0...100, using: &random), down: Int64.random(in: 0...100, using: &random))
            var all: [Scaler.Recommendation] = []
            var current = Int.random(in: 2...10, using: &random)
            var now: Int64 = 0
            for _ in 0..<10 {
                now += Int64.random(in: 1...60, using: &random)
                let value = Double.random(in: 0...400, using: &random)
                let wanted = Scaler.recommended(limits, current: current, value: value, target: 60)
                #expect((2...10).contains(wanted))
                if value > 66.01 { #expect(wanted >= current) }
                if value < 53.99 { #expect(wanted <= current) }
                all.append(at(now, wanted))
                let next = count(current, all, metric, now: now)
                #expect((2...10).contains(next))
                // It never goes beyond what was recommended last, and never the other way.
                if wanted >= current { #expect((current...wanted).contains(next)) }
                if wanted <= current { #expect((wanted...current).contains(next)) }
                // What is no longer kept decides nothing.
                let kept = Scaler.kept(all, metric: metric, now: Timestamp(milliseconds: now * 1000))
                #expect(count(current, kept, metric, now: now) == next)
                current = next
            }
        }
    }
}
