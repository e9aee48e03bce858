import Manifests
import Model
import Testing

@Suite struct HostileTests {
    private static let ok = Sample.workload("web")

    @Test(arguments: [
        ("link", SourceFile.Kind.symlink, "staging/link is a symbolic link: put the file itself there"),
        ("sub/mod", .submodule, "staging/sub/mod is a submodule: put its files there"),
        ("a\u{1B}[2J.yaml", .file, "the path holds control or invisible characters: rename the file"),
        ("a\nb", .file, "the path holds control or invisible characters: rename the file"),
        ("a\u{202E}b.txt", .file, "the path holds control or invisible characters: rename the file"),
        ("a\u{FFFD}.txt", .file, "the path is not UTF-8: rename the file"),
        ("--help", .file, "the path has a part that begins with `-`: rename the file"),
        ("x/../../y.yaml", .file, "the path has a part that is empty, `.` or `..`: rename the file"),
        ("environment.yml", .file, "rename it to environment.yaml"),
        (
            "sub/environment.yaml", .file,
            "an environment cannot stand inside another one: move its folder out of staging"
        ),
    ])
    func entryIsRefused(_ path: String, _ kind: SourceFile.Kind, _ expected: String) {
        let extra = Sample.entry("staging/" + path, Self.ok, kind: kind)
        let result = Sample.parse(["web.yaml": Self.ok], extra: [extra])
        #expect(result.problems.map(\.message) == [expected])
        #expect(result.problems.map(\.file) == ["deploy/staging/" + path])
        #expect(result.problems.allSatisfy { !$0.diagnostic.contains("\n") && !$0.diagnostic.contains("\u{1B}") })
    }

    @Test func otherFilesAreLeftAlone() throws {
        let extra = [
            Sample.entry("staging/$(touch x)", "a: b: c"), Sample.entry("staging/README.md", "{"),
            Sample.entry("staging/run.sh", "x", kind: .executable),
        ]
        let result = Sample.parse(
            ["web.yaml": Self.ok, "empty.yml": "", "comment.yaml": "# only\n---\n# this\n"], extra: extra)
        #expect(result.problems == [])
        #expect(try #require(result.environment).workloads.count == 1)
    }

    @Test func policyThatIsALink() {
        let result = Sample.parser.environment(
            EnvironmentFolder(name: "s", path: "s", tree: ""),
            entries: [Sample.entry("s/environment.yaml", "x", kind: .symlink)], contents: [:])
        #expect(result.problems.map(\.message) == ["s/environment.yaml is a symbolic link: put the file itself there"])
    }

    @Test(arguments: ["Staging", "-x", "a_b", "", String(repeating: "a", count: 64), "..", "a\u{1B}"])
    func folderName(_ name: String) {
        #expect(Sample.parse([:], name: name).problems.contains { $0.message.contains("cannot be an environment's") })
    }

    @Test func tooManyFiles() {
        let extra = (0...Limits.entries).map { Sample.entry("staging/\($0).txt", "x") }
        #expect(
            Sample.parse([:], extra: extra).problems.map(\.message) == [
                "the environment's folder holds more than 10000 files"
            ])
    }

    @Test func tooLarge() {
        let text = Self.ok + "\n# " + String(repeating: "x", count: Limits.fileSize)
        #expect(Sample.problems(text) == ["deploy/staging/web.yaml:1:1: error: the file is larger than 1 MiB"])
    }

    @Test func exactlyAsLargeAsAllowed() {
        let start = Self.ok + "\n# "
        let text = start + String(repeating: "x", count: Limits.fileSize - start.utf8.count)
        #expect(Sample.problems(text) == [])
    }

    @Test(arguments: ["[", "{", "- ", "{a: ", "[{a: ", "? ", "a: [", "[[]", "- [", "{? "])
    func deep(_ unit: String) {
        let problems = Sample.problems(String(repeating: unit, count: 100_000))
        #expect(problems.count == 1)
        let message = problems.first ?? ""
        #expect(
            ["more than 32 deep", "a key must be plain text", "not YAML"].contains { message.contains($0) },
            "\(message)")
        #expect(!message.contains("yaml_"), "no word of the library's own: \(message)")
    }

    @Test func deepByIndentation() {
        let problems = Sample.problems((0..<1000).map { String(repeating: " ", count: $0) + "a:\n" }.joined())
        #expect(
            problems == [
                "deploy/staging/web.yaml:33:33: error: lists and maps stand inside each other more than 32 deep"
            ])
    }

    @Test func asDeepAsAllowed() {
        let text = "a: " + String(repeating: "[", count: 31) + String(repeating: "]", count: 31)
        #expect(Sample.problems(text).allSatisfy { !$0.contains("deep") })
    }

    /// Each level stands for nine of the level before.
    private static func laughs(_ levels: Int, last: String) -> String {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...levels {
            text +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        return text + last
    }

    @Test(arguments: ["", "? *a9\n: x\n", "? [*a9]\n: x\n", "b: {*a9 : x}\n", "b: [{[*a9]}]\n"])
    func aliasBomb(_ last: String) {
        #expect(
            Sample.problems(Self.laughs(9, last: last)) == [
                "deploy/staging/web.yaml:5:10: error: the aliases of this file stand for more than 10000 values"
            ])
    }

    @Test func aliasesMakeNothingDeeperThanAllowed() {
        var text = "a0: &a0 [x]\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        #expect(Sample.problems(text).count == 1)
        #expect(Sample.problems(text).first?.contains("more than 32 deep") == true)
    }

    @Test func modestAliases() throws {
        let text = """
            kind: Workload
            name: web
            driver: shell
            shell: {env: {A: &a "1", B: *a, C: &s {secret: {env: X}}, D: *s}, observe: &c 'true', apply: *c, remove: *c}
            """
        let block = try #require(Sample.parse(["web.yaml": text]).environment).workloads[0].block
        #expect(block["env"]["B"] == .string("1") && block["env"]["D"] == .secret(.environment("X")))
        #expect(block["remove"] == .string("true"))
    }

    @Test func anchorsEndWithTheirDocument() {
        #expect(
            Sample.problems("# a\n---\na: &x 1\n---\nb: *x\n").last
                == "deploy/staging/web.yaml:5:4: error: the alias `*x` has no anchor before it")
    }

    @Test func anchorInsideItself() {
        #expect(
            Sample.problems("a: &x [*x]") == [
                "deploy/staging/web.yaml:1:8: error: the alias `*x` has no anchor before it"
            ])
    }

    @Test func tooManyDocuments() {
        let text = (0...Limits.documents).map { Sample.workload("w\($0)") }.joined(separator: "\n---\n")
        #expect(Sample.problems(text).count == 1)
        #expect(Sample.problems(text).first?.contains("more than 1000 documents") == true)
    }

    @Test func tooManyValues() {
        let problems = Sample.problems("a: [" + String(repeating: "x,", count: 300_000) + "]")
        #expect(problems.first?.hasSuffix("the file has more than 250000 values: use several files") == true)
    }

    @Test func problemsAreCapped() {
        #expect(Sample.problems((0..<5000).map { "k\($0): 1\n" }.joined()).count == Limits.findings)
    }

    @Test(
        arguments: [
            ([0x61, 0x3A, 0x20, 0xFF], "1:4"), ([0x61, 0x0A, 0xC3, 0xA9, 0xC3], "2:2"),
            ([0x61, 0x3A, 0x20, 0x1B], "1:4"),
            ([0xFE, 0xFF, 0x00, 0x61], "1:1"),
        ] as [([UInt8], String)])
    func notText(_ bytes: [UInt8], _ place: String) {
        let entries = [
            Sample.entry("s/environment.yaml", Sample.policy),
            SourceFile(path: "s/a.yaml", kind: .file, id: "x", size: 4),
        ]
        let result = Sample.parser.environment(
            EnvironmentFolder(name: "s", path: "s", tree: ""), entries: entries,
            contents: [Sample.policy: Array(Sample.policy.utf8), "x": bytes])
        #expect(result.problems.count == 1)
        #expect(result.problems.first?.diagnostic.hasPrefix("deploy/s/a.yaml:\(place): error: not YAML: ") == true)
    }

    @Test func messagesEchoLittle() {
        let long = String(repeating: "s3cret\u{1B}[31m", count: 1000)
        for text in ["kind: \"\(long.replacing("\u{1B}", with: "\\e"))\"", "\(String(repeating: "k", count: 900)): 1"] {
            #expect(Sample.problems(text).allSatisfy { $0.utf8.count < 400 && !$0.contains("\u{1B}") })
        }
    }
}
