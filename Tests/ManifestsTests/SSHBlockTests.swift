import Glibc
import Manifests
import Model
import SSHDriver
import Testing

@Suite struct SSHBlockTests {
    private static let parser = ManifestParser(drivers: [Sample.ssh], prefix: "")

    private func parse(_ text: String, _ policy: String = policy) -> ManifestParser.Result {
        // The inventory is the environment's business, and is not what is tested here.
        let files = ["environment.yaml": policy, "web.yaml": text]
        let entries = files.map {
            SourceFile(path: "staging/\($0.key)", kind: .file, id: $0.value, size: $0.value.utf8.count)
        }
        return Self.parser.environment(
            EnvironmentFolder(name: "staging", path: "staging", tree: "t"),
            entries: entries.sorted { $0.path < $1.path },
            defaults: [], contents: files.reduce(into: [:]) { $0[$1.value] = Array($1.value.utf8) })
    }

    private static let policy = """
        kind: Environment
        hosts:
          alpha: {address: 10.0.0.1, labels: {role: web}}
        """

    /// The block that `docs/ssh.md` shows is one that works, and names what it needs of the source.
    @Test func theDocumentedBlockIsValid() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try #require(fopen("/\(root)/docs/ssh.md", "r"))
        defer { fclose(page) }
        var bytes: [UInt8] = []
        while case let byte = fgetc(page), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        let blocks = String(decoding: bytes, as: UTF8.self).split(separator: "```yaml\n").dropFirst()
            .map { String($0.prefix(upTo: $0.firstRange(of: "```")?.lowerBound ?? $0.endIndex)) }
            .filter { $0.hasPrefix("kind: Workload") }
        try #require(!blocks.isEmpty)
        for block in blocks {
            let result = parse(block)
            let ours = result.problems.filter { !$0.message.contains("hosts") }
            #expect(ours == [], "\(ours)")
        }
        let workload = try #require(
            (parse(blocks[0]).environment
                ?? parse(blocks[0].replacing("hosts: {role: web}\n", with: ""), "kind: Environment\n").environment)?
                .workloads.first)
        #expect(workload.filePaths == ["web/nginx.conf", "web/static", "web/app.service", "web/app.tar.gz"])
    }

    @Test func whatMakesNoSenseIsAProblem() {
        func problems(_ block: String) -> [String] {
            parse("kind: Workload\nname: web\ndriver: ssh\nhosts: {role: web}\nssh: {\(block)}\n").problems.map(
                \.message
            )
            .filter { !$0.contains("hosts") }
        }
        #expect(problems("files: [{path: /a, content: x}]") == [])
        for bad in [
            "files: [{path: a, content: x}]", "files: [{path: /a}]", "files: [{path: /a, content: x, link: y}]",
            "files: [{path: /a, content: x, mode: rw}]", "files: [{path: /a, content: x, owner: -R}]",
            "units: [{name: -x}]", "packages: [{name: '-o'}]", "packages: [{name: x, version: '$(id)'}]",
            "commands: [{name: x}]", "release: {path: /a, url: ftp://x, sha256: 1}", "order: [nothing]", "become: root",
        ] {
            #expect(!problems(bad).isEmpty, "\(bad)")
        }
    }
}
