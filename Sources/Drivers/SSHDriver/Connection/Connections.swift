import DriverKit
import Model
import Processes

/// The kept connections, one a host.
actor Connections {
    private let runner: ProcessRunner
    private let environment: [String: String]
    private let owner: Owner?
    /// What they go by.
    let lists: HostKeyLists
    private let configuration: SSHConfiguration
    private var open: [HostAccess: Connection] = [:]
    private var slots: [Int: Slots] = [:]
    /// By environment and the host's name there.
    private(set) var turns: [String: [String: HostTurns]] = [:]
    private var lastSweep = Monotonic.now

    /// How long a connection is kept that nobody uses, in milliseconds.
    private static let idle: Int64 = 15 * 60_000

    /// `state` is the state folder, in which an environment has its list of host keys where its manifest names none.
    init(runner: ProcessRunner, environment: [String: String], state: String, owner: Owner?) {
        self.owner = owner
        self.runner = runner
        self.environment = environment
        lists = HostKeyLists(state: state)
        configuration = SSHConfiguration(runner: runner, environment: environment)
    }

    /// The connection to a host, opened with its first request.
    func connection(_ access: HostAccess) async -> Connection {
        await sweep()
        if let connection = open[access] { return connection }
        let slots = self.slots[access.connections] ?? Slots(access.connections, heedsCancellation: false)
        self.slots[access.connections] = slots
        let turns = self.turns[access.environment]?[access.name] ?? HostTurns()
        self.turns[access.environment, default: [:]][access.name] = turns
        let connection = Connection(
            access, lists: lists, configuration: configuration, runner: runner, environment: environment, slots: slots,
            turns: turns, owner: owner)
        open[access] = connection
        // Each keeps pipes open; the others are commands that run meanwhile.
        DescriptorLimit.raise(forCommands: open.count + 64)
        return connection
    }

    /// Forgets the turns of an environment on all but these hosts: it does nothing there any more.
    func keepTurns(of hosts: Set<String>, in environment: String) {
        let kept = turns[environment]?.filter { hosts.contains($0.key) } ?? [:]
        turns[environment] = kept.isEmpty ? nil : kept
    }

    /// Ends them all.
    func close() async {
        for connection in open.values { await connection.close() }
        open = [:]
        await lists.close()
    }

    /// Ends those that nobody used for long: their host may have left the inventory.
    private func sweep() async {
        let now = Monotonic.now
        guard now - lastSweep > Self.idle else { return }
        lastSweep = now
        for (access, connection) in open where await connection.rest(after: Self.idle) { open[access] = nil }
    }
}
