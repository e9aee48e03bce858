import Manifests
import Model
import Testing

/// The block of a driver that is a program of its own.
@Suite struct PluginBlockTests {
    private static let parser = ManifestParser(
        drivers: [
            DriverDescription(
                name: "note", block: [Schema.Field("files", .list(.sourcePath), "Files.")], isOpen: true)
        ], prefix: "")

    private func parse(_ block: String) -> (workloads: [Workload], problems: [Problem]) {
        Self.parser.workloads(Array("kind: Workload\nname: a\ndriver: note\nnote: \(block)\n".utf8), file: "x")
    }

    @Test func everyScalarStaysTheStringThatWasWritten() throws {
        let block = "{port: 080, on: yes, empty: , list: [1.10, {deep: [~]}], files: [./site/], 'odd key': \"8\"}"
        let workload = try #require(parse(block).workloads.first)
        #expect(
            workload.block
                == .map([
                    "port": .string("080"), "on": .string("yes"), "empty": .string(""), "odd key": .string("8"),
                    "list": .list([.string("1.10"), .map(["deep": .list([.string("~")])])]),
                    "files": .list([.string("site")]),
                ]))
        #expect(workload.filePaths == ["site"])
    }

    @Test func secretsMayStandAnywhere() throws {
        let workload = try #require(
            parse("{a: {secret: {env: KEY}}, b: [{c: {secret: {file: /key}}}]}").workloads.first)
        #expect(
            workload.block
                == .map([
                    "a": .secret(.environment("KEY")),
                    "b": .list([.map(["c": .secret(.file("/key"))])]),
                ]))
    }

    @Test(arguments: [
        ("[a]", "4:7: error: `note` must be a map of keys, not a list"),
        (
            "{a: {secret: key}}",
            "4:11: error: a secret is written {secret: {file: /absolute/path}} or {secret: {env: NAME}}"
        ),
        ("{files: [../x]}", "4:16: error: the path `../x` leads out of its folder by `..`"),
        ("{a: [\"\\0\"]}", "4:12: error: this holds a NUL character"),
    ]) func whatIsWrong(block: String, expected: String) {
        #expect(parse(block).problems.map(\.diagnostic) == ["x:" + expected])
    }
}
