import Model
import Testing

@Suite struct NamePatternTests {
    @Test(arguments: [
        ("v*", ["v", "v1", "v1/2"], ["", "1", "av"]),
        ("*", ["", "anything"], []),
        ("v?.?", ["v1.2"], ["v1.22", "v1."]),
        ("v[0-9]*", ["v1", "v9.x"], ["va", "v"]),
        ("[!a-c]x", ["dx"], ["ax", "bx", "x"]),
        ("[]]", ["]"], ["["]),
        ("[a", ["[a"], ["a"]),
        ("[!]]", ["a"], ["]"]),
        ("a*b*c", ["abc", "axxbyyc", "abbcc"], ["ab", "acb"]),
        ("release-*-final", ["release-1-final"], ["release-1", "release-final"]),
        ("plain", ["plain"], ["plainer", "plai"]),
        ("ü*", ["über"], ["uber"]),
    ])
    func matchesWholeNames(_ pattern: String, _ inside: [String], _ outside: [String]) {
        for name in inside { #expect(NamePattern(pattern).matches(name), "\(pattern) \(name)") }
        for name in outside { #expect(!NamePattern(pattern).matches(name), "\(pattern) \(name)") }
    }

    @Test func aHostilePairTakesNoExponentialTime() {
        let pattern = NamePattern(String(repeating: "a*", count: 60) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 200)))
        #expect(NamePattern("app-*").head == "app-")
        #expect(NamePattern("[ab]*").head == "")
    }
}
