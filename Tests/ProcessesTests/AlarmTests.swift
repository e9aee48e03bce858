import Model
import Processes
import Synchronization
import Testing

@Suite struct AlarmTests {
    private func after(_ milliseconds: Int64) -> Timestamp { WallClock.now() + TimeSpan(milliseconds: milliseconds) }

    @Test func theyRingInTheOrderInWhichTheyAreDue() async {
        // Where the machine is so slow that one was due before all were set, more time is given.
        for span in [50, 1000, 20_000] as [Int64] {
            let (rung, ring) = AsyncStream.makeStream(of: Int.self)
            let start = WallClock.now()
            let alarms = [3, 1, 2].map { number in
                Alarm(start + TimeSpan(milliseconds: Int64(number) * span)) { ring.yield(number) }
            }
            let isInTime = WallClock.now() - start < TimeSpan(milliseconds: span)
            var heard: [Int] = []
            for await number in rung {
                heard.append(number)
                if heard.count == alarms.count { break }
            }
            guard isInTime || span == 20_000 else { continue }
            #expect(heard == [1, 2, 3])
            break
        }
    }

    @Test func aCancelledOneDoesNotRingAndKeepsNothing() async {
        final class Held: Sendable {}
        weak var kept: Held?
        let rings = Mutex(0)
        do {
            let held = Held()
            kept = held
            let alarms = (0..<1000).map { _ in
                Alarm(after(3_600_000)) {
                    rings.withLock { $0 += 1 }
                    withExtendedLifetime(held) {}
                }
            }
            for alarm in alarms { alarm.cancel() }
        }
        #expect(kept == nil)
        #expect(rings.withLock { $0 } == 0)
    }

    @Test func oneThatIsDueSoonerIsNotHeldUpByALaterOne() async {
        let late = Alarm(after(3_600_000)) {}
        defer { late.cancel() }
        await withCheckedContinuation { done in _ = Alarm(after(20)) { done.resume() } }
    }
}
