import Glibc
import Model
import TestSupport
import Testing

@testable import Manifests

/// The published schema says of whole documents what the parser says; asked by a validator that others wrote.
@Suite struct JSONSchemaTests {
    private static let good = [
        "{kind: Environment}",
        "{kind: Environment, interval: 30s, on_failure: revert, prune: false, max_delete: 3, after: [a, b], soak: 0}",
        "{kind: Environment, smoke: [{http: 'http://a', expect: 200}, {tcp: 'a:1'}, {command: {secret: {env: X}}}]}",
        "{kind: Environment, pipeline: [build, deploy-canary (10%), monitor (5m), deploy-full, deploy-x, approval-gate]}",
        "{kind: Environment, windows: [{deny: '0 17 * * FRI', for: 63h, zone: UTC}], approval: {required: 1}, verify: any}",
        "{kind: Workload, name: web, driver: shell, shell: {observe: a, apply: b, remove: c}}",
        "{kind: Workload, name: web, driver: crate, crate: {image: 1.20}, replicas: 0, depends_on: db}",
        "{kind: Workload, name: web, driver: shell, shell: {observe: no, apply: 010, remove: c, env: {A: 12, B: {secret: {file: /x}}}, files: [a/, b]}}",
        "{kind: Workload, name: web, driver: crate, crate: {image: x}, monitor: [{name: m, command: ./m, max: 0.25, baseline: {max_ratio: 2}}]}",
        "{kind: Workload, name: web, driver: crate, crate: {image: x}, rollout: {strategy: canary, steps: [{weight: 10%}, {monitor: 5m}]}, resources: {cpu: 2, memory: 1Gi}}",
    ]

    private static let bad = [
        "{}", "[]", "{kind: Job}", "{kind: Environment, intervall: 3s}", "{kind: Environment, interval: 30}",
        "{kind: Environment, prune: yes}", "{kind: Environment, smoke: [{}]}",
        "{kind: Environment, smoke: [{tcp: 'a:1', command: b}]}",
        "{kind: Environment, pipeline: [rm -rf]}", "{kind: Environment, pipeline: [deploy-canary (101%)]}",
        "{kind: Environment, max_delete: 101%}", "{kind: Environment, after: Staging}",
        "{kind: Environment, notify: [x]}",
        "{kind: Workload, name: web, driver: crate, crate: {image: x}, monitor: [{name: m, command: ./m, max: '0.25'}]}",
        "{kind: Workload, name: web, driver: crate, crate: {image: x}, monitor: [{name: m, container: oom}]}",
        "{kind: Workload, name: web, driver: shell}", "{kind: Workload, name: web, driver: shel, shel: {}}",
        "{kind: Workload, name: web, driver: shell, shell: {observe: a, apply: b}}",
        "{kind: Workload, name: web, driver: shell, shell: {observe: a, apply: b, remove: c}, crate: {image: x}}",
        "{kind: Workload, name: WEB, driver: crate, crate: {image: x}}",
        "{kind: Workload, name: web, driver: crate, crate: {image: x}, replicas: -1}",
        "{kind: Workload, name: web, driver: crate, crate: {image: x}, replicas: '4'}",
        "{kind: Workload, name: web, driver: crate, crate: {image: {secret: {file: x}}}}",
        "{kind: Workload, name: web, driver: crate, crate: {image: {secret: {env: a, file: /x}}}}",
        "{kind: Workload, name: web, driver: shell, shell: {observe: a, apply: b, remove: c, files: [../x]}}",
        "{kind: Workload, name: web, driver: shell, shell: {observe: a, apply: b, remove: c, files: [/x]}}",
        "{kind: Workload, name: web, driver: shell, shell: {observe: a, apply: b, remove: c, env: {RECONCILE_X: y}}}",
    ]

    /// What an editor sees: typed as YAML 1.2 types plain text.
    private static func json(_ node: YAMLNode) -> String {
        switch node.content {
        case .list(let items): return "[" + items.map(json).joined(separator: ",") + "]"
        case .map(let entries):
            return "{" + entries.map { Value.string($0.key).canonical + ":" + json($0.value) }.joined(separator: ",")
                + "}"
        case .scalar(let text, let plain):
            let isFraction = text.contains(".") && NumberText.read(text) != nil
            let isTyped =
                isFraction || Int(text) != nil && (text == "0" || !text.hasPrefix("0")) || text == "true"
                || text == "false"
            return plain && isTyped ? text : Value.string(text).canonical
        }
    }

    private static let hasValidator = system("python3 -c 'import jsonschema' 2>/dev/null") == 0

    @Test(.enabled(if: hasValidator, "needs python3-jsonschema"))
    func agreesWithTheParser() throws {
        var documents = Self.good + Self.bad
        for seed in 0..<60 {
            var generated = Generated(random: Seeded(seed: UInt64(seed)))
            let isPolicy = seed % 2 == 0
            var text = generated.object(isPolicy ? Schemas.environment : Schemas.workload).text
            if !isPolicy {
                let end = ", crate: {image: x}}"
                guard let range = text.firstRange(of: "driver: ") else { continue }
                let rest = text[range.upperBound...]
                guard let stop = rest.firstIndex(where: { $0 == "," || $0 == "}" }) else { continue }
                text = text[..<range.upperBound] + "crate" + text[stop...].dropLast() + end
            }
            documents.append(text)
        }
        let nodes = try documents.map { try #require(YAMLReader(Array($0.utf8)).documents.first) }
        let verdicts = try Self.validate("[" + nodes.map(Self.json).joined(separator: ",") + "]")
        try #require(verdicts.count == documents.count)
        for (index, document) in documents.enumerated() {
            let isGood = !(Self.good.count..<(Self.good.count + Self.bad.count)).contains(index)
            #expect((verdicts[index] == "1") == isGood, "\(document)")
            let role: ParsedFile.Role =
                document.contains("Workload") || !document.contains("kind") || document == "[]" ? .workloads : .policy
            if index < Self.good.count + Self.bad.count {
                let file = FileParser(drivers: [Sample.shell, Sample.crate]).parse(Array(document.utf8), as: role)
                #expect(file.findings.isEmpty == isGood, "\(document): \(file.findings)")
            }
        }
    }

    /// Documents of `reconcile.yaml`, and whether they are right.
    private static let configurations: [(String, Bool)] = [
        ("{repo: /srv/deploy.git, branch: main, interval: 30s, jitter: 10%, parallel: 8}", true),
        ("{token: {secret: {file: /etc/token}}, history: {keep: 50, days: 7}, notify: [{command: ./tell.sh}]}", true),
        ("{sources: [{name: a, repo: /a}, {name: b, repo: /b, branch: live}]}", true), ("{repoo: x}", false),
        ("{interval: 30}", false), ("{parallel: 0}", false), ("{history: {keep: many}}", false),
        ("{sources: [{}]}", false),
        ("{token: {secret: {file: token}}}", false), ("{notify: [x]}", false),
    ]

    @Test(.enabled(if: hasValidator, "needs python3-jsonschema"))
    func theConfigurationsSchemaAgreesToo() throws {
        let texts = Self.configurations.map(\.0)
        let nodes = try texts.map { try #require(YAMLReader(Array($0.utf8)).documents.first) }
        let verdicts = try Self.validate(
            "[" + nodes.map(Self.json).joined(separator: ",") + "]", by: JSONSchema.configuration())
        try #require(verdicts.count == texts.count)
        for (verdict, (text, isGood)) in zip(verdicts, Self.configurations) {
            #expect((verdict == "1") == isGood, "\(text)")
            #expect(Configuration.parse(Array(text.utf8), file: "x").problems.isEmpty == isGood, "\(text)")
        }
    }

    /// `1` or `0` for each instance.
    private static func validate(
        _ instances: String, by schema: String = JSONSchema.document(drivers: [Sample.shell, Sample.crate])
    ) throws -> [Character] {
        var template = Array("/tmp/reconcile-schema-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer {
            for name in ["schema.json", "instances.json", "check.py"] { unlink(folder + "/" + name) }
            rmdir(folder)
        }
        try write(schema, to: folder + "/schema.json")
        try write(instances, to: folder + "/instances.json")
        try write(
            """
            import json, sys
            from jsonschema import Draft202012Validator as V
            schema = json.load(open(sys.argv[1] + "/schema.json"))
            V.check_schema(schema)
            validator = V(schema)
            print("".join("1" if validator.is_valid(i) else "0" for i in json.load(open(sys.argv[1] + "/instances.json"))))
            """, to: folder + "/check.py")
        let pipe = try #require(popen("python3 '\(folder)/check.py' '\(folder)'", "r"))
        var line: [Character] = []
        while case let byte = fgetc(pipe), byte != EOF {
            line.append(Character(UnicodeScalar(UInt8(truncatingIfNeeded: byte))))
        }
        try #require(pclose(pipe) == 0)
        return line.filter { $0 == "0" || $0 == "1" }
    }

    private static func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        #expect(fputs(text, file) >= 0)
    }
}
