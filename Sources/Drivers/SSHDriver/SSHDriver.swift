import DriverKit
import Model
import Processes

/// Reaches hosts by the OpenSSH client: files, releases, units, packages and commands, with nothing there but a shell. A
/// host is asked about everything at once, and told all that differs at once.
package struct SSHDriver: Driver {
    let connections: Connections
    let slots: Slots
    let store = ContentStore()
    let memory = Memory()

    /// Every act takes one of `slots`, so a caller must hold none of them. Of `baseEnvironment` ssh gets what it needs.
    /// `state` is the state folder, which has `known_hosts/ENVIRONMENT` where a manifest names no list of host keys.
    /// Acts of another `owner` on the same hosts are left alone; nil where nothing is said of owners.
    package init(
        runner: ProcessRunner, slots: Slots, baseEnvironment: [String: String], state: String, owner: Owner? = nil
    ) {
        self.slots = slots
        connections = Connections(runner: runner, environment: baseEnvironment, state: state, owner: owner)
    }

    /// Everything of the block but how a host is reached and how long things take, and the files; of variables those that
    /// count.
    package func runs(block: Value, files: [SourceFile]) -> Value { SSHRuns.value(block: block, files: files) }

    /// Whether the block has a `health`.
    package func asksHealth(block: Value) -> Bool { Text(block["health"]) != nil }

    /// The host's address, and the port as it was asked for.
    package func address(of port: Int?, _ target: InstanceTarget) async -> String? {
        guard let address = target.deployable.block["host"]["address"].string, let port else { return nil }
        return address.contains(":") && !address.hasPrefix("[") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }

    /// Takes the host keys of the whole environment: one of its hosts may be on the way to another.
    package func prepare(_ wanted: [Deployable], of environment: String) async {
        let hosts = wanted.map { $0.block["host"] }
        await connections.lists.know(Set(hosts.compactMap { $0["known_hosts"].string }), of: environment)
        await connections.keepTurns(of: Set(hosts.compactMap { $0["name"].string }), in: environment)
    }

    /// Ends all connections.
    package func close() async { await connections.close() }

    /// What is wanted of a target, with the files of the source read.
    func wanted(_ target: InstanceTarget) throws(DriverFailure) -> Wanted {
        try WantedReader(target, store: store).read()
    }

    /// Reads what targets need of the source, each file once.
    func load(_ targets: [InstanceTarget]) async {
        await store.load(targets)
        var templates: [String: String] = [:]
        for target in targets {
            templates.merge(WantedReader.templates(target.deployable, folder: target.folder)) { first, _ in first }
            if let before = target.before {
                templates.merge(WantedReader.templates(before.deployable, folder: before.folder)) { first, _ in first }
            }
        }
        if !templates.isEmpty { await store.loadTemplates(templates) }
    }
}

extension InstanceTarget {
    /// Which instance this is.
    var id: Identity { Identity(environment: environment, workload: workload, instance: instance) }
}
