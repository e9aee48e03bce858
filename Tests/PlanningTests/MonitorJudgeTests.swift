import Model
import Planning
import Testing

@Suite struct MonitorJudgeTests {
    private func monitor(_ count: Int? = nil, failures: Int? = nil, consecutive: Int? = nil) -> Monitor {
        Monitor(
            name: "errors", probe: .container(.restarts), limits: NumberLimits(max: 0), count: count,
            failures: failures,
            consecutive: consecutive)
    }

    /// `+` in order, `-` not, `?` no data.
    private func measurements(_ text: String) -> [Measurement] {
        text.enumerated().map { offset, sign in
            let verdict: Verdict = sign == "+" ? .pass : sign == "-" ? .fail("bad") : .inconclusive("nobody there")
            return Measurement(
                monitor: "errors", at: Timestamp(milliseconds: Int64(offset) * 1000), value: sign == "?" ? nil : 1,
                verdict: verdict)
        }
    }

    private func judge(_ monitor: Monitor, _ text: String, elapsed: Int64 = 60) -> Judgement {
        MonitorJudge.judge(monitor, measurements(text), elapsed: .seconds(elapsed), of: .seconds(60))
    }

    @Test func theFirstFailureFailsWhereNothingElseIsSaid() {
        #expect(judge(monitor(), "-", elapsed: 1) == .fail("errors: bad"))
        #expect(judge(monitor(), "++-+++") == .fail("errors: bad"))
    }

    @Test func failuresAddUpAndRowsAreBroken() {
        #expect(judge(monitor(failures: 2), "-+++-", elapsed: 5) == .fail("errors: bad (2 failed measurements of 5)"))
        #expect(judge(monitor(failures: 2), "-++++") == .pass)
        #expect(judge(monitor(consecutive: 3), "--+--+--+") == .pass)
        #expect(
            judge(monitor(consecutive: 3), "+--?-", elapsed: 1) == .fail("errors: bad (3 failed measurements in a row)")
        )
        #expect(
            judge(monitor(failures: 4, consecutive: 2), "-+-+-+-") == .fail("errors: bad (4 failed measurements of 7)"))
    }

    @Test func noDataNeitherPassesNorFails() {
        #expect(judge(monitor(), "") == .going)
        #expect(judge(monitor(), "??") == .going)
        #expect(judge(monitor(), "???") == .inconclusive("errors: nobody there (no data in 3 measurements)"))
        #expect(judge(monitor(), "+++???") == .inconclusive("errors: nobody there (no data in 3 measurements)"))
        #expect(judge(monitor(), "?????+") == .pass)
        #expect(
            judge(monitor(failures: 2), "-???") == .inconclusive("errors: nobody there (no data in 3 measurements)"))
    }

    @Test func itPassesAtTheEndAndNotOnABadNote() {
        #expect(judge(monitor(), "+++", elapsed: 59) == .going)
        #expect(judge(monitor(), "+++") == .pass)
        #expect(judge(monitor(failures: 3), "++-") == .going)
        #expect(judge(monitor(failures: 3), "++-+") == .pass)
    }

    @Test func aCountIsNeededAndEnough() {
        #expect(judge(monitor(3), "++") == .going)
        #expect(judge(monitor(3), "++?+") == .pass)
        var judge = MonitorJudge(monitor(2, failures: 2))
        for (sign, isDone) in [("+", false), ("?", false), ("-", false), ("+", true)] {
            judge.add(measurements(sign)[0])
            #expect(judge.isDone == isDone)
        }
    }

    @Test func anyRunOfMeasurementsKeepsTheRules() {
        var random = Seeded(11)
        for _ in 0..<3000 {
            let failures = Bool.random(using: &random) ? Int.random(in: 1...4, using: &random) : nil
            let consecutive = Bool.random(using: &random) ? Int.random(in: 1...(failures ?? 4), using: &random) : nil
            let count = Bool.random(using: &random) ? Int.random(in: 1...6, using: &random) : nil
            let monitor = monitor(count, failures: failures, consecutive: consecutive)
            let text = String(
                (0..<Int.random(in: 0...12, using: &random)).map { _ in "++-?".randomElement(using: &random) ?? "?" })
            let data = text.filter { $0 != "?" }
            let longestRow = data.split(separator: "+").map(\.count).max() ?? 0
            let total = data.count { $0 == "-" }
            let mustFail =
                monitor.failures.map { total >= $0 } ?? false || monitor.consecutive.map { longestRow >= $0 } ?? false
            for elapsed in [Int64(0), 59, 60, 1000] {
                let judgement = judge(monitor, text, elapsed: elapsed)
                if case .fail = judgement { #expect(mustFail, "\(text)") } else { #expect(!mustFail, "\(text)") }
                switch judgement {
                case .pass:
                    #expect(elapsed >= 60 && data.count >= count ?? 1 && text.last == "+", "\(text)")
                case .inconclusive: #expect(elapsed >= 60 && text.hasSuffix("???"), "\(text)")
                case .fail, .going: break
                }
            }
            // More of the same good measurements always come to an end.
            if !mustFail { #expect(judge(monitor, text + String(repeating: "+", count: 6)) == .pass) }
        }
    }

    private func answer(_ numbers: Double?...) -> [Weighing.Answer] {
        numbers.enumerated().map { offset, number in
            .init(instance: "web-\(offset + 1)", reading: number.map { .number($0) } ?? .none("no route"))
        }
    }

    private func weigh(
        _ limits: NumberLimits, _ baseline: BaselineLimits? = nil, _ canary: [Weighing.Answer],
        _ old: [Weighing.Answer] = []
    ) -> Measurement {
        let monitor = Monitor(name: "m", probe: .container(.restarts), limits: limits, baseline: baseline)
        return Weighing.measurement(monitor, at: Timestamp(milliseconds: 0), canary: canary, baseline: old)
    }

    @Test func theWorstInstanceCounts() {
        let high = weigh(NumberLimits(max: 5), nil, answer(1, 9, 3))
        #expect(high.value == 9 && high.verdict == .fail("web-2: 9, allowed is at most 5"))
        let low = weigh(NumberLimits(min: 2, max: 5), nil, answer(4, 0.5, 3))
        #expect(low.value == 0.5 && low.verdict == .fail("web-2: 0.5, allowed is at least 2, at most 5"))
        #expect(weigh(NumberLimits(min: 2, max: 5), nil, answer(2, 5)).verdict == .pass)
    }

    @Test func aMissingAnswerIsNoDataUnlessAnotherFails() {
        #expect(weigh(NumberLimits(max: 5), nil, answer(1, nil)).verdict == .inconclusive("no route"))
        #expect(weigh(NumberLimits(max: 5), nil, answer(nil, 6)).verdict == .fail("web-2: 6, allowed is at most 5"))
        #expect(weigh(NumberLimits(max: 5), nil, []).verdict == .inconclusive("there is no instance to ask"))
        #expect(weigh(NumberLimits(max: 5), nil, answer(.nan)).verdict == .inconclusive("the answer is not a number"))
        let half = weigh(NumberLimits(), BaselineLimits(maxRatio: 2), answer(1), answer(nil))
        #expect(half.verdict == .inconclusive("no route"))
    }

    @Test func averagesAreCompared() {
        let limits = BaselineLimits(maxRatio: 1.5)
        let good = weigh(NumberLimits(), limits, answer(1, 2), answer(1, 1))
        #expect(good.value == 1.5 && good.baseline == 1 && good.verdict == .pass)
        let bad = weigh(NumberLimits(), limits, answer(2), answer(1))
        #expect(bad.verdict == .fail("2 beside the baseline's 1, allowed is at most 1.5 times the baseline"))
        // Within the baseline's limits and beyond its own.
        #expect(weigh(NumberLimits(max: 1), limits, answer(1.2), answer(1)).verdict != .pass)
    }

    @Test(arguments: [
        (BaselineLimits(maxRatio: 1.5), 3.0, 2.0, true), (BaselineLimits(maxRatio: 1.5), 3.1, 2, false),
        (BaselineLimits(maxRatio: 1.5), 0.1, 0, false), (BaselineLimits(maxRatio: 1.5), 0, 0, true),
        (BaselineLimits(maxRatio: 1.5, maxDifference: 0.1), 0.1, 0, true),
        (BaselineLimits(maxDifference: 1), 3, 2, true), (BaselineLimits(maxDifference: 1), 3.5, 2, false),
        (BaselineLimits(maxDifference: 1), 0, 100, true), (BaselineLimits(minRatio: 0.9), 8, 10, false),
        (BaselineLimits(minRatio: 0.9), 9.5, 10, true), (BaselineLimits(minRatio: 0.9), 1000, 10, true),
        (BaselineLimits(minRatio: 0.9, maxDifference: 5), 8, 10, true),
        (BaselineLimits(maxRatio: 2, minRatio: 0.5), 1, 3, false),
    ])
    func baselines(_ limits: BaselineLimits, _ new: Double, _ old: Double, _ isAllowed: Bool) {
        #expect(limits.allows(new, beside: old) == isAllowed)
    }
}
