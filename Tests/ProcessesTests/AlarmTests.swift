import Model
import Processes
import Synchronization
import Testing

@Suite struct AlarmTests {
    private func after(_ milliseconds: Int64) -> Timestamp { WallClock.now() + TimeSpan(milliseconds: milliseconds) }

    @Test func theyRingInTheOrderInWhichTheyAreDue() async {
        let (rung, ring) = AsyncStream.makeStream(of: Int.self)
        let alarms = [3, 1, 2].map { number in Alarm(after(Int64(number) * 50)) { ring.yield(number) } }
        var heard: [Int] = []
        for await number in rung {
            heard.append(number)
            if heard.count == alarms.count { break }
        }
        #expect(heard == [1, 2, 3])
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
