import Model
import Testing

@testable import Commands

@Suite struct HistorySinceTests {
    private let now = Timestamp(milliseconds: 1_772_357_400_000)

    @Test(arguments: [
        ("2h", "2026-03-01T07:30:00.000Z"), ("0", "2026-03-01T09:30:00.000Z"),
        ("2026-02-28", "2026-02-28T00:00:00.000Z"),
        ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00.000Z"), ("2026-03-01T09:00:00.250Z", "2026-03-01T09:00:00.250Z"),
    ])
    func aLengthOrADate(text: String, start: String) throws {
        #expect(try HistoryCommand.start(text, now: now).iso8601 == start)
    }

    @Test(arguments: ["", "yesterday", "2026-02-30", "2026-3-1", "-2h", "2026-03-01 09:00", "2026-03-01T25:00:00Z"])
    func anythingElseIsWrongUsage(text: String) {
        let error = #expect(throws: CommandFailure.self) { try HistoryCommand.start(text, now: now) }
        #expect(error?.status == 64)
    }
}
