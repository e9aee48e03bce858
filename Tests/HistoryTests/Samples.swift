import History
import Model
import Testing

let noon = Timestamp(milliseconds: 1_772_366_400_123)

func later(_ seconds: Int64) -> Timestamp { noon + .seconds(seconds) }

func reconcile(_ id: Int, _ environment: String = "staging", at: Timestamp = noon) -> ReconcileRecord {
    ReconcileRecord(
        id: id, environment: environment, commit: String(repeating: "ab", count: 20), trigger: .push,
        author: "Ada <ada@example>", subject: "Change web", startedAt: at, input: Digest(ofText: "input"))
}

func step(_ id: Int) -> Step {
    Step(
        id: id, kind: .start, workload: "web", instance: "web-\(id)", index: id, act: .start(Digest(ofText: "web")),
        after: id > 1 ? [id - 1] : [], progressDeadline: .seconds(600), text: "start web-\(id)")
}

func deployable(_ version: String) -> Deployable {
    Deployable(
        driver: "shell", block: .map(["env": .map(["V": .string(version)]), "n": .int(3), "off": .bool(false)]),
        files: [SourceFile(path: "a/b", kind: .executable, id: "00ff", size: 7)], digest: Digest(ofText: version),
        health: Check(.command(.secret(.file("/run/key")))))
}

func desired(_ name: String, digest: String = "v") -> Desired {
    Desired(
        input: Input(tree: name, paths: ["site": "1234"]), commit: "c-" + name,
        environment: Environment(
            name: "staging", folder: "staging",
            workloads: [Workload(name: "web", driver: "shell", block: .map(["apply": .string("true")]))]),
        deployables: ["web": deployable(digest)], folderFiles: [])
}

func instance(_ index: Int, _ version: String, digest: Digest? = nil) -> InstanceRecord {
    InstanceRecord(
        workload: "web", instance: "web-\(index)", index: index, deployable: deployable(version), commit: "c",
        digest: digest)
}

extension Store {
    /// The journal of a record that is open for writing.
    var log: Journal { get throws { try #require(journal) } }

    /// Begins a reconcile with steps and nothing else.
    func begin(_ record: ReconcileRecord, steps: Int = 0) async throws {
        try await log.commit([
            .begin(record, changes: [], steps: steps > 0 ? (1...steps).map(step) : [], rollout: "{}")
        ])
    }
}
