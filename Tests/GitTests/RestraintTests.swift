import Model
import Testing
import TestSupport

@testable import Git

@Suite struct RestraintTests {
    @Test(
        arguments: [
            ("120", 120_000), ("0", 0), (" \t7 ", 7000), ("99999999999", 1_000_000_000_000),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 37_000), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
            ("Mon, 07 Nov 1994 08:49:00 GMT", 86_400_000), ("-1", nil), ("1.5", nil), ("soon", nil), ("", nil),
            ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("Sun, 06 Xxx 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 08:49:37 CET", nil),
        ] as [(String, Int64?)])
    func readsSecondsAndDates(_ text: String, _ milliseconds: Int64?) throws {
        let now = try #require(Timestamp(iso8601: "1994-11-06T08:49:00.000Z"))
        let head = "HTTP/1.1 429 Slow down\r\nServer: x\r\nRETRY-after:\(text)\r\n\r\n"
        #expect(RetryAfter.read(head: head, now: now)?.milliseconds == milliseconds)
    }

    @Test func theStatusLineIsNoField() throws {
        let now = Timestamp(milliseconds: 0)
        #expect(RetryAfter.read(head: "Retry-After: 5\r\n\r\n", now: now) == nil)
        #expect(RetryAfter.read(head: "", now: now) == nil)
    }

    @Test func aServerThatDoesNotSayIsLeftAloneLongerEachTime() {
        var restraint = Restraint()
        var now = ContinuousClock.now
        let limited = SourceError(.limited, "slow down", advice: "wait")
        #expect(restraint.error(at: now) == nil)
        #expect(restraint.heed(SourceError(.timeout, "late", advice: ""), at: now).message == "late")
        #expect(restraint.error(at: now) == nil)
        for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
            let told = restraint.heed(limited, at: now)
            #expect(told.message.hasPrefix("slow down; it is not asked again before 2"))
            #expect(restraint.error(at: now + .seconds(60 * minutes - 1)) == told)
            now += .seconds(60 * minutes)
            #expect(restraint.error(at: now) == nil, "\(minutes)")
        }
        for (asked, seconds) in [(30, 30), (0, 1), (1_000_000, 3600)] as [(Int64, Int)] {
            var error = limited
            error.retryAfter = .seconds(asked)
            _ = restraint.heed(error, at: now)
            #expect(restraint.error(at: now + .seconds(seconds) - .milliseconds(1)) != nil, "\(asked)")
            #expect(restraint.error(at: now + .seconds(seconds)) == nil, "\(asked)")
        }
    }

    private static func answer(_ status: String, _ field: String = "") -> [[UInt8]] {
        [Array("HTTP/1.1 \(status)\r\n\(field)Connection: close\r\nContent-Length: 0\r\n\r\n".utf8)]
    }

    @Test(arguments: ["429 Slow down", "503 Busy"])
    func aServerIsLeftAloneForAsLongAsItSays(_ status: String) async throws {
        try await Fixture.with { fixture in
            let known = try await fixture.source().fetch()
            let answers = [RestraintTests.answer(status, "Retry-After: 600\r\n"), RestraintTests.answer("500 Oops")]
            try await HostileServer.run(.inTurn(answers)) { server in
                let source = fixture.source("http://127.0.0.1:\(server.port)/repo")
                let error = await source.fetchFailure()
                #expect(error?.code == .limited)
                #expect(error?.retryAfter == .seconds(600))
                #expect(error?.message.contains("(HTTP \(status.prefix(3)))") == true)
                let heard = server.received
                for _ in 0..<3 { #expect(await source.fetchFailure() == error) }
                #expect(server.received == heard)
                // Another process, or another source, knows nothing of it.
                let other = await fixture.source("http://127.0.0.1:\(server.port)/repo").fetchFailure()
                #expect(other?.message.contains("HTTP 500") == true)
            }
            #expect(try await fixture.source().fetch() == known)
        }
    }

    @Test func aServerThatDoesNotSayHowLong() async throws {
        try await Fixture.with { fixture in
            let answers = [
                RestraintTests.answer("503 Busy"), RestraintTests.answer("503 Busy", "Retry-After: 1\r\n"),
                RestraintTests.answer("429 Slow down"), RestraintTests.answer("500 Oops"),
            ]
            try await HostileServer.run(.inTurn(answers)) { server in
                let source = fixture.source("http://127.0.0.1:\(server.port)/repo")
                #expect(await source.fetchFailure()?.code == .unreachable)
                #expect(await source.fetchFailure()?.retryAfter == .seconds(1))
                let deadline = ContinuousClock.now + .seconds(60)
                var error: SourceError?
                repeat {
                    try await Task.sleep(for: .milliseconds(100))
                    error = await source.fetchFailure()
                } while error?.retryAfter != nil && ContinuousClock.now < deadline
                #expect(error?.code == .limited)
                #expect(error?.retryAfter == nil)
                let heard = server.received
                #expect(await source.fetchFailure() == error)
                #expect(server.received == heard)
            }
        }
    }
}
