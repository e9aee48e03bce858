import Model
import Planning
import Testing

@Suite struct ScalerTests {
    private let limits = Autoscaling(min: 2, max: 10)

    private func metric(up: Int64 = 0, down: Int64 = 300) -> ScalingMetric {
        ScalingMetric(probe: .container(.restarts), target: 60, scaleUp: .seconds(up), scaleDown: .seconds(down))
    }

    private func at(_ seconds: Int64, _ count: Int) -> Recommendation {
        .init(at: Timestamp(milliseconds: seconds * 1000), count: count)
    }

    private func count(
        _ current: Int, _ recommendations: [Recommendation], _ metric: ScalingMetric, now: Int64
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

    private func decide(
        _ current: Int, _ value: Double, _ earlier: [Recommendation], _ metric: ScalingMetric, now: Int64
    ) -> Scaler.Decision {
        Scaler.decide(
            limits, metric, current: current, value: value, earlier: earlier,
            now: Timestamp(milliseconds: now * 1000))
    }

    @Test func whatThereIsCountsAsRecommendedBefore() {
        let first = decide(4, 10, [], metric(), now: 1000)
        #expect(first.count == 4 && first.recommendations.map(\.count) == [4, 2])
        #expect(first.sentence == "metric is 10 where 60 is wanted; 2 would do, 4 were needed within 5m")
        #expect(decide(4, 10, first.recommendations, metric(), now: 1299).count == 4)
        #expect(decide(4, 10, first.recommendations, metric(), now: 1300).recommendations.map(\.count) == [2])
        // After a long rest of the loop nothing that was recommended counts any more.
        #expect(decide(4, 10, first.recommendations, metric(), now: 9000).count == 4)
        #expect(decide(4, 10, [at(1100, 2)], metric(), now: 1400).count == 2)
    }

    @Test func upNeedsNoHistoryWithoutAWindow() {
        let up = decide(2, 120, [], metric(), now: 0)
        #expect(up.count == 4 && up.sentence == "metric is 120 where 60 is wanted")
        let slow = decide(2, 120, [], metric(up: 60), now: 0)
        #expect(slow.count == 2)
        #expect(slow.sentence == "metric is 120 where 60 is wanted; 4 would do, 2 were enough within 1m")
        #expect(decide(2, 120, slow.recommendations, metric(up: 60), now: 61).count == 4)
        #expect(decide(4, 10, [], metric(down: 0), now: 0).count == 2)
    }

    @Test func theSentenceSaysWhichLimitHolds() {
        #expect(decide(10, 90, [], metric(), now: 0).sentence == "metric is 90 where 60 is wanted; 10 is the most")
        #expect(decide(2, 1, [], metric(), now: 0).sentence == "metric is 1 where 60 is wanted; 2 is the least")
        #expect(decide(3, 61, [], metric(), now: 0).sentence == "metric is 61 where 60 is wanted")
    }

    @Test func anySequenceKeepsTheRules() {
        var random = Seeded(5)
        for _ in 0..<3000 {
            let metric = metric(
                up: Int64.random(in: 0...100, using: &random), down: Int64.random(in: 0...100, using: &random))
            var all: [Recommendation] = []
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
