import Model
import TestSupport
import Testing

@testable import Manifests

@Suite struct PropertyTests {
    static let objects: [(name: String, fields: [Schema.Field])] = [
        ("environment", Schemas.environment), ("workload", Schemas.workload), ("deployment", Schemas.deployment),
        ("deploy", Schemas.deploy), ("configuration", Schemas.configuration), ("shell", Sample.shell.block),
    ]

    /// Whatever a schema allows is read as what was written, with no problem.
    @Test(arguments: 0..<300)
    func validDocumentsAreRead(_ seed: Int) {
        var generated = Generated(random: Seeded(seed: UInt64(seed)))
        let object = Self.objects[seed % Self.objects.count]
        let made = generated.object(object.fields)
        let reader = YAMLReader(Array(made.text.utf8))
        var checker = NodeChecker()
        let value = reader.documents.first.flatMap { checker.value($0, .object(object.fields), path: "") }
        #expect(reader.findings == [] && checker.findings == [], "\(made.text)")
        #expect(value == made.value, "\(made.text)")
    }

    /// One byte wrong anywhere never crashes, and every answer is an environment or at least one problem.
    @Test(arguments: 0..<20)
    func damagedDocumentsGiveAnAnswer(_ seed: Int) {
        var random = Seeded(seed: UInt64(seed))
        let good = Array(
            (Sample.workload("web", "health: {http: /x, port: 1}\nrollout: {strategy: canary}\n") + "# é\n").utf8)
        for _ in 0..<100 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default:
                    bytes.insert(Array("{}[]:,-&*!|>'\"%@`#? \t\n".utf8).randomElement(using: &random) ?? 0, at: index)
                }
            }
            expectAnAnswer(bytes)
        }
    }

    @Test(arguments: 0..<20)
    func randomBytesGiveAnAnswer(_ seed: Int) {
        var random = Seeded(seed: UInt64(seed) &+ 1000)
        let alphabet = Array("{}[]:,-&*!|>'\"%@`#? \t\nab01~<".utf8)
        for round in 0..<100 {
            let length = Int.random(in: 0...200, using: &random)
            expectAnAnswer(
                (0..<length).map { _ in
                    round % 2 == 0
                        ? UInt8.random(in: 0...255, using: &random) : alphabet.randomElement(using: &random) ?? 0
                })
        }
    }

    private func expectAnAnswer(_ bytes: [UInt8]) {
        let parser = FileParser(drivers: [Sample.shell])
        let file = parser.parse(bytes, as: .workloads)
        let holdsNothing = YAMLReader(bytes).documents.isEmpty
        #expect(!file.findings.isEmpty || !file.workloads.isEmpty || holdsNothing, "\(bytes)")
        #expect(
            file.findings.allSatisfy { $0.place.line >= 1 && $0.place.column >= 1 && $0.message.utf8.count < 600 },
            "\(bytes)")
        for role in [ParsedFile.Role.policy, .deployment, .deploy] {
            let other = parser.parse(bytes, as: role)
            if role != .policy, holdsNothing { #expect(!other.findings.isEmpty) }
        }
        let configuration = Configuration.parse(bytes, file: "x")
        #expect((configuration.configuration == nil) == !configuration.problems.isEmpty)
    }

    @Test(arguments: 0..<100)
    func cyclesAreFoundWhereTheyAre(_ seed: Int) {
        var random = Seeded(seed: UInt64(seed))
        let names = (0..<8).map { "n\($0)" }
        var edges: [String: [String]] = [:]
        for name in names { edges[name] = names.filter { _ in Int.random(in: 0..<6, using: &random) == 0 } }
        let cycles = Cycles.all(in: edges)
        for cycle in cycles {
            for (from, to) in zip(cycle, cycle.dropFirst() + [cycle[0]]) { #expect(edges[from]?.contains(to) == true) }
        }
        var left = edges
        while let free = left.first(where: { $0.value.allSatisfy { left[$0] == nil } })?.key { left[free] = nil }
        #expect(cycles.isEmpty == left.isEmpty)
    }
}
