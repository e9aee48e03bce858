import Manifests
import Model
import Testing

/// What YAML 1.1 would turn into something else stays as written where a string is expected.
@Suite struct StringsTests {
    @Test(arguments: [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("y", "y"), ("010", "010"), ("0x10", "0x10"), ("12:30", "12:30"),
        ("12:30:45", "12:30:45"), ("1.20", "1.20"), ("1e3", "1e3"), ("null", "null"), ("~", "~"), ("true", "true"),
        ("2024-01-01", "2024-01-01"), (".inf", ".inf"), ("1_000", "1_000"), ("=", "="), ("'no'", "no"), ("\"\"", ""),
        ("!!str 7", "7"), ("\"a\\nb\"", "a\nb"), ("|\n    a\n    b\n", "a\nb\n"), (">-\n    a\n    b\n", "a b"),
        ("a # comment", "a"), ("a#b", "a#b"), ("grüße 🚀", "grüße 🚀"),
    ])
    func stays(_ written: String, _ expected: String) throws {
        let text = "kind: Workload\nname: web\ndriver: crate\ncrate:\n  image: \(written)\n"
        let result = Sample.parse(["web.yaml": text])
        #expect(result.problems == [])
        #expect(try #require(result.environment).workloads[0].block["image"] == .string(expected))
    }

    @Test func namesMayLookLikeOtherThings() throws {
        for name in ["no", "null", "010", "1e3", "0"] {
            #expect(try #require(Sample.parse(["w.yaml": Sample.workload(name)]).environment).workloads[0].name == name)
        }
    }

    @Test func columnsCountCharacters() {
        #expect(
            Sample.problems("kind: Workload\n\"grüße 🚀\": 1\nname: é\ndriver: crate\ncrate: {image: x}").last?
                .hasPrefix("deploy/staging/web.yaml:3:7: error: `name` must be") == true)
    }
}
