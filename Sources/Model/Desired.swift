/// What an environment should be: its manifests with every file resolved to its content and every digest computed.
package struct Desired: Hashable, Sendable, Codable {
    /// Identifies all that decided it; equal inputs are the same desired state.
    package var input: Input
    /// The commit it was read at.
    package var commit: String
    /// The manifests.
    package var environment: Environment
    /// What each workload runs, by the workload's name; where instances are on hosts, what each runs by the instance's.
    package var deployables: [String: Deployable]
    /// The files of the environment's own folder; empty unless a command needs them.
    package var folderFiles: [SourceFile]

    /// All parts.
    package init(
        input: Input, commit: String, environment: Environment, deployables: [String: Deployable],
        folderFiles: [SourceFile]
    ) {
        self.input = input
        self.commit = commit
        self.environment = environment
        self.deployables = deployables
        self.folderFiles = folderFiles
    }

    /// The same without what moving names stood for.
    package var unpinned: Desired {
        var desired = self
        for name in deployables.keys { desired.deployables[name]?.pin = nil }
        return desired
    }

    /// Keeps in memory only once what is the same in another.
    package mutating func share(_ other: Desired) {
        for (name, deployable) in other.deployables where deployables[name] == deployable {
            deployables[name] = deployable
        }
        shareBlocks()
    }

    /// Keeps in memory only once what a workload says and what its instances run.
    package mutating func shareBlocks() {
        for place in environment.workloads.indices {
            let workload = environment.workloads[place]
            if let block = deployables[workload.name]?.block, block == workload.block {
                environment.workloads[place].block = block
            }
        }
    }
}

extension Desired {
    /// What an instance of a workload runs; nil where the workload's driver is not there.
    package func deployable(of workload: Workload, instance: String) -> Deployable? {
        deployable(of: workload.name, instance: instance)
    }

    /// The same by the workload's name.
    package func deployable(of workload: String, instance: String) -> Deployable? {
        deployables[instance] ?? deployables[workload]
    }

    /// Everything that instances of a workload run: one thing, or one for each host.
    package func deployables(of workload: Workload) -> [Deployable] {
        guard let hosts = workload.hosts else { return deployables[workload.name].map { [$0] } ?? [] }
        return hosts.compactMap { deployables[workload.instance(on: $0)] }
    }

    /// The same by the workload's name; none where git has no such workload.
    package func deployables(of workload: String) -> [Deployable] {
        environment.workloads.first { $0.name == workload }.map { deployables(of: $0) } ?? []
    }
}
