import Glibc
import Model
import Testing

@testable import Manifests

@Suite struct ReferenceTests {
    /// Every key of every schema has a row, and says so where it is not acted on.
    @Test func everyKeyHasItsRow() {
        let text =
            Reference.manifests(drivers: [Sample.shell, Sample.container, Sample.ssh]) + Reference.configuration()
        for fields in [Schemas.environment, Schemas.workload, Schemas.configuration, Sample.shell.block] {
            for field in fields {
                let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `\(field.name)` |") }
                #expect(!rows.isEmpty, "\(field.name)")
                if field.standing == .restrains { #expect(rows.contains { $0.contains("the environment waits") }) }
                if field.standing == .notYet { #expect(rows.contains { $0.contains("Not acted on yet") }) }
            }
        }
        for row in text.split(separator: "\n") where row.hasPrefix("|") {
            #expect(row.count { $0 == "|" } == 5, "\(row)")
        }
    }

    /// The examples of the reference are manifests that work.
    @Test func examplesAreValid() throws {
        func examples(_ prose: String) -> [String] {
            prose.split(separator: "```", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element.dropFirst("yaml\n".count)) }
        }
        func yaml(_ prose: String) throws -> String {
            let found = examples(prose)
            try #require(found.count == 1)
            return found[0]
        }
        let result = Sample.parse(
            ["site.yaml": try yaml(Prose.workloadExample), "db.yaml": Sample.workload("db")],
            root: ["deployment.yml": try yaml(Prose.deploymentExample), "deploy.yml": try yaml(Prose.deployExample)],
            policy: try yaml(Prose.environmentExample))
        #expect(result.problems == [])
        let configurations = examples(Prose.configurationExample)
        #expect(configurations.count == 2)
        for text in configurations { #expect(Configuration.parse(Array(text.utf8), file: "x").problems == []) }
    }

    /// `docs/configuration.md` is made by `Reference`; `make reference` renews it.
    @Test func configurationPageIsCurrent() throws {
        try Self.compare("configuration.md", Reference.configuration())
    }

    /// `docs/manifest-reference.md`, likewise.
    @Test func manifestPageIsCurrent() throws {
        try Self.compare(
            "manifest-reference.md", Reference.manifests(drivers: [Sample.shell, Sample.container, Sample.ssh]))
    }

    static func compare(_ name: String, _ expected: String, file: String = #filePath) throws {
        let root = file.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(root)/docs/\(name)"
        if getenv("RECONCILE_RENEW_DOCS") != nil {
            let page = try #require(fopen(path, "w"))
            #expect(fputs(expected, page) >= 0)
            fclose(page)
        }
        let page = try #require(fopen(path, "r"), "\(path) is missing")
        defer { fclose(page) }
        var bytes: [UInt8] = []
        while case let byte = fgetc(page), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        #expect(
            String(decoding: bytes, as: UTF8.self) == expected,
            "docs/\(name) is not current: run `make reference`")
    }
}
