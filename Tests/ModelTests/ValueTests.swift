import Foundation
import Model
import Testing

@Suite struct ValueTests {
    @Test func canonicalFormSortsKeysAndEscapes() {
        let value = Value.map(["b": .int(1), "a": .list([.string("x\"\n\u{1}"), .null, .bool(true)])])
        #expect(value.canonical == #"{"a":["x\"\n\u0001",null,true],"b":1}"#)
    }

    @Test func aSecretIsWrittenAsItsReferenceOnly() throws {
        let value = Value.secret(.file("/run/keys/web"))
        #expect(value.canonical == #"{"secret":{"file":"/run/keys/web"}}"#)
        let data = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(Value.self, from: data) == value)
    }

    @Test func secretsCannotBePrinted() {
        let secret = Secret(Array("hunter2".utf8))
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped] {
            #expect(!text.contains("hunter2") && !text.contains("104"))
        }
        #expect(secret.withBytes { $0 } == Array("hunter2".utf8))
    }

    @Test func digestsAreSHA256() {
        #expect(Digest(ofText: "a").hex == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb")
    }
}

@Suite struct TimeTests {
    @Test(arguments: [
        ("0", 0), ("500ms", 500), ("10s", 10_000), ("1h30m", 5_400_000), ("2d", 172_800_000), ("1m1ms", 60_001),
    ])
    func spansAreRead(text: String, milliseconds: Int64) throws {
        let span = try #require(TimeSpan(text))
        #expect(span.milliseconds == milliseconds)
        #expect(TimeSpan(span.description) == span)
    }

    @Test(arguments: ["", "10", "s", "1s1m", "1m1m", "-1s", "1.5s", "99999999999999d", "1 s", "1y"])
    func otherSpansAreNot(text: String) { #expect(TimeSpan(text) == nil) }

    @Test(arguments: [
        0, 1, 951_782_399_999, 951_782_400_000, 1_772_366_400_123, 4_102_444_799_999, -1, -62_135_596_800_000,
    ])
    func instantsGoThereAndBack(milliseconds: Int64) throws {
        let text = Timestamp(milliseconds: milliseconds).iso8601
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test func knownInstants() {
        #expect(Timestamp(milliseconds: 0).iso8601 == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp(milliseconds: 951_782_400_000).iso8601 == "2000-02-29T00:00:00.000Z")
        #expect(Timestamp(milliseconds: 1_772_366_400_123).iso8601 == "2026-03-01T12:00:00.123Z")
    }
}

@Suite struct WordTests {
    @Test(arguments: ["a", "web-1", "0", String(repeating: "a", count: 63)])
    func names(_ name: String) { #expect(Names.isValid(name)) }

    @Test(arguments: [
        "", "-a", "a-", "A", "a_b", "a.b", "ä", "a\n", "--help", "$(x)", "../..", String(repeating: "a", count: 64),
    ])
    func notNames(_ name: String) { #expect(!Names.isValid(name)) }

    @Test func theNearestNameIsSuggested() {
        #expect(Names.nearest(to: "replica", in: ["replicas", "rollout"]) == "replicas")
        #expect(Names.nearest(to: "banana", in: ["replicas", "rollout"]) == nil)
    }

    @Test func nothingATerminalActsOnIsShown() {
        let hostile = "a\u{1B}[31mred\u{7}\r\n\u{202E}evil\u{200B}\u{9B}2J"
        let line = VisibleText.line(hostile)
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
        #expect(line.contains("\\u{1b}") && line.contains("\\u{202e}") && !line.contains("\n"))
        #expect(VisibleText.block("a\nb\tc") == "a\nb\tc")
        #expect(VisibleText.line(String(repeating: "x", count: 1 << 20)).count == 501)
    }

    @Test func theHighestRankingOutcomeDecidesTheExitStatus() {
        #expect(Outcome.exitStatus(of: [.applied, .inSync]) == 0)
        #expect(Outcome.exitStatus(of: [.waiting, .applied]) == 4)
        #expect(Outcome.exitStatus(of: [.waiting, .held, .applied]) == 3)
        #expect(Outcome.exitStatus(of: [.rolledBack, .waiting, .error]) == 1)
    }

    @Test func sharesCountAndCompare() {
        #expect(Share("25%")?.parallel(of: 4) == 1 && Share("50%")?.parallel(of: 5) == 2)
        #expect(Share("0")?.parallel(of: 4) == 1)
        #expect(Share("50%")?.isExceeded(by: 1, of: 2) == false && Share("50%")?.isExceeded(by: 2, of: 3) == true)
        #expect(Share("101%") == nil && Share("-1") == nil && Share("x") == nil)
    }
}
