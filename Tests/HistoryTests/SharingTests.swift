import History
import Model
import Testing

/// What is the same in several places is in memory only once: with many environments that is most of what a loop keeps.
@Suite struct SharingTests {
    private let command = "a command that is too long to be kept within the string itself"

    private var wanted: Desired {
        let block = Value.map(["apply": .string(command)])
        let health = Check(.command(.plain("true")))
        return Desired(
            input: Input(tree: "t", paths: [:]), commit: "c",
            environment: Environment(
                name: "staging", folder: "staging", workloads: [Workload(name: "web", driver: "shell", block: block)]),
            deployables: [
                "web": Deployable(driver: "shell", block: block, files: [], digest: Digest(ofText: "v"), health: health)
            ], folderFiles: [])
    }

    /// Where the text of a block's command is in memory.
    private func place(_ block: Value?) -> UInt? {
        block?["apply"].string.flatMap { text in
            text.utf8.withContiguousStorageIfAvailable { UInt(bitPattern: $0.baseAddress) }
        }
    }

    @Test func anInputHasEachBlockOnce() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        try await store.log.commit([.input(environment: "staging", wanted)])
        let read = try #require(try await store.input("staging", wanted.input.id)?.desired)
        #expect(read == wanted)
        #expect(place(read.deployables["web"]?.block) == place(read.environment.workloads.first?.block))
    }

    @Test func instancesAreWhatIsWantedWhereTheyRunIt() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let same = InstanceRecord(
            workload: "web", instance: "web-1", index: 1, deployable: try #require(wanted.deployables["web"]),
            commit: "c", digest: nil)
        var other = same
        (other.instance, other.index) = ("web-2", 2)
        other.deployable.pin = .string("another")
        try await store.log.commit([
            .input(environment: "staging", wanted), .instance(environment: "staging", same),
            .instance(environment: "staging", other),
        ])
        let read = try #require(try await store.input("staging", wanted.input.id)?.desired)
        let instances = try await store.instances("staging", wanted: read)
        #expect(instances == [same, other])
        let (first, second) = (instances.first?.deployable.block, instances.last?.deployable.block)
        #expect(place(first) == place(read.deployables["web"]?.block))
        #expect(place(second) != place(first))
        // What was read before stays, whoever asks.
        #expect(place(try await store.instances("staging").first?.deployable.block) == place(first))
    }

    @Test func whatStaysTheSameIsKept() {
        let (old, new) = (wanted, Desired(copyOf: wanted))
        #expect(place(old.deployables["web"]?.block) != place(new.deployables["web"]?.block))
        var shared = new
        shared.share(old)
        #expect(shared == new)
        #expect(place(shared.deployables["web"]?.block) == place(old.deployables["web"]?.block))
        #expect(place(shared.environment.workloads.first?.block) == place(old.deployables["web"]?.block))
    }
}

extension Desired {
    /// Equal, in memory of its own.
    fileprivate init(copyOf other: Desired) {
        self = other
        for name in deployables.keys { deployables[name]?.block = Self.copy(other.deployables[name]?.block ?? .null) }
        for place in environment.workloads.indices {
            environment.workloads[place].block = Self.copy(environment.workloads[place].block)
        }
    }

    private static func copy(_ value: Value) -> Value {
        switch value {
        case .string(let text): .string(String(decoding: Array(text.utf8), as: UTF8.self))
        case .map(let entries): .map(entries.mapValues(copy))
        default: value
        }
    }
}
