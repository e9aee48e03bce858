import Checks
import Model
import Processes

/// HAProxy, by its runtime API: nothing is reloaded, so no connection is touched. So that a reload of somebody else's keeps
/// what was set, it is also written where HAProxy reads it then.
struct HAProxyBalancer: Balancer {
    private let settings: HAProxySettings
    private let api: RuntimeAPI

    init(_ settings: HAProxySettings, network: Network, timeout: TimeSpan) {
        self.settings = settings
        api = RuntimeAPI(place: settings.place, network: network, timeout: timeout)
    }

    var name: String { "HAProxy at \(settings.place), backend \(settings.backend)" }
    /// A socket may have several names.
    func key() async -> String {
        guard case .unix(let path) = settings.place else { return "haproxy \(settings.place)" }
        return "haproxy " + (await OwnThread.run { Folders.real(path) } ?? path)
    }
    var heaviest: Int { 256 }
    var canMatch: Bool { settings.matchBackend != nil }

    /// The frontend tells them apart, and the runtime API does not say how.
    func matcher(_ match: Match?) -> String? { nil }

    func observe() async throws(TrafficError) -> SeenServers {
        let servers = try await table()
        return SeenServers(
            settings.groups.flatMap { group, backend in
                // A slot that is out of service is nobody's server.
                servers.filter { $0.backend == backend && !(settings.hasSlots && $0.state == .out) }.map { server in
                    SeenServer(
                        name: server.name, group: group, address: server.address, weight: server.weight,
                        state: server.state, sessions: server.sessions)
                }
            })
    }

    func apply(
        _ servers: [BalancedServer], leaving: [SeenServer], _ matching: Matching
    ) async throws(TrafficError) {
        let there = try await table()
        try await checkState()
        for server in servers {
            try await prepare(server, there.first { isIt($0, server.name, server.group) })
        }
        // Before the weights, so that a file that cannot be written changes nothing; after the servers are known to be
        // right, so that the next reload does not stumble over it.
        try await writeServers(servers, leaving, there)
        var commands: [String] = []
        for server in servers {
            let place = place(of: server.name, server.group)
            let row = there.first { isIt($0, server.name, server.group) }
            if row?.weight != server.weight { commands.append("set server \(place) weight \(server.weight)") }
            if row == nil || row?.state == .out || row?.state == .draining || row?.address != server.address {
                commands.append("set server \(place) state ready")
            }
        }
        for server in leaving where server.state == .ready || server.state == .down {
            commands.append("set server \(place(of: server.name, server.group)) state drain")
        }
        let said = try await api.ask(commands)
        try await writeState()
        guard said.allSatisfy(\.isWhitespace) else {
            throw TrafficError("\(name) answered: \(Words.shown(said))", isPassing: true)
        }
    }

    func sessions(of leaving: [SeenServer]) async throws(TrafficError) -> Int? {
        let there = try await table()
        var count = 0
        for server in leaving {
            guard let row = there.first(where: { isIt($0, server.name, server.group) }) else { continue }
            guard let sessions = row.sessions else { return nil }
            count += sessions
        }
        return count
    }

    func remove(_ leaving: [SeenServer]) async throws(TrafficError) {
        let there = try await table()
        let rest = leaving.filter { server in there.contains { isIt($0, server.name, server.group) } }
        _ = try await api.ask(rest.map { "set server \(place(of: $0.name, $0.group)) state maint" })
        if settings.hasSlots { return try await writeState() }
        _ = try await api.ask(rest.map { "shutdown sessions server \(place(of: $0.name, $0.group))" })
        let busy = await stillWaitedFor(rest)
        for server in rest where !busy.contains(where: { $0.isSame(as: server) }) {
            let said = try await api.ask(["del server \(place(of: server.name, server.group))"])
            guard said.contains("Server deleted.") || said.contains("No such server.") else {
                throw TrafficError("\(name) did not delete \(server.name): \(Words.shown(said))", isPassing: true)
            }
        }
    }

    /// Those that a request is still at, such as one that tries once more to reach a server that died. HAProxy 2.6.12 can crash
    /// when such a server is deleted, so it stays, out of service, until its name is used again.
    private func stillWaitedFor(_ servers: [SeenServer]) async -> [SeenServer] {
        var busy = servers
        for pause in [0, 50, 100, 200] where !busy.isEmpty {
            try? await Task.sleep(for: .milliseconds(pause))
            guard let streams = try? await api.ask(["show sess"]) else { continue }
            busy.removeAll { !streams.contains(" be=\(settings.backend(of: $0.group)) srv=\($0.name) ") }
        }
        return busy
    }

    /// Sees that a server is there with its address, and gets nothing yet where it was not.
    private func prepare(_ server: BalancedServer, _ row: HAProxyRow?) async throws(TrafficError) {
        let place = place(of: server.name, server.group)
        if let row {
            guard row.address != server.address else { return }
            guard let new = HostPort(server.address) else { return }
            let said = try await api.ask([
                "set server \(place) state maint", "set server \(place) addr \(new.host) port \(new.port)",
            ])
            // It says what it changed, and to what.
            guard said.contains("changed") else {
                throw TrafficError("\(name) does not take \(server.address) for \(server.name): \(Words.shown(said))")
            }
            return
        }
        guard !settings.hasSlots else {
            throw TrafficError(
                "\(name) has no slot \(server.name): its configuration must have a `server-template` with enough of them"
            )
        }
        let options = settings.options.isEmpty ? "" : " " + settings.options
        let said = try await api.ask(["add server \(place) \(server.address) weight \(server.weight)\(options)"])
        guard said.contains("New server registered.") else {
            throw TrafficError(
                "\(name) does not take \(server.name): \(Words.shown(said))", isPassing: said.contains("Already exists")
            )
        }
        if settings.hasCheck { _ = try await api.ask(["enable health \(place)"]) }
    }

    private func table() async throws(TrafficError) -> [HAProxyRow] {
        let text = try await api.ask(settings.groups.map { "show servers state \($0.backend)" })
        if text.contains("Can't find backend") {
            let names = settings.groups.map(\.backend).joined(separator: " and ")
            throw TrafficError("HAProxy at \(settings.place) has no backend \(names): its configuration must name it")
        }
        if text.contains("Permission denied") {
            throw TrafficError(
                "HAProxy at \(settings.place) does not allow this: its `stats socket` needs `level admin`")
        }
        guard text.contains("# be_id ") else {
            throw TrafficError("what answers at \(settings.place) is not HAProxy's runtime API: \(Words.shown(text))")
        }
        if let rows = HAProxyRow.all(in: text) {
            let backends = Set(rows.map(\.backendID)).sorted()
            let counts = try await api.ask(backends.map { "show stat \($0) 4 -1" })
            if let rows = HAProxyRow.all(in: text + (backends.isEmpty ? "" : counts)) { return rows }
        }
        throw TrafficError("HAProxy at \(settings.place) gave only half an answer", isPassing: true)
    }

    private func place(of server: String, _ group: ServerGroup) -> String { settings.backend(of: group) + "/" + server }

    private func isIt(_ row: HAProxyRow, _ name: String, _ group: ServerGroup) -> Bool {
        row.name == name && row.backend == settings.backend(of: group)
    }

    /// Writes the servers into the configuration that the next reload reads.
    private func writeServers(
        _ servers: [BalancedServer], _ leaving: [SeenServer], _ there: [HAProxyRow]
    ) async throws(TrafficError) {
        guard let path = settings.serversFile else { return }
        let options = settings.options.isEmpty ? "" : " " + settings.options
        let old = try await MarkedFile(path).read()
        var sections: [String: [String]] = [:]
        for (group, backend) in settings.groups {
            // Those of another workload stay.
            let others = (old.section(backend) ?? []).filter { line in
                guard let name = line.split(separator: " ").dropFirst().first.map(String.init) else { return false }
                return there.contains { isIt($0, name, group) }
                    && !BalancedServer.concerns(name, group, servers, leaving)
            }
            sections[backend] =
                others
                + servers.filter { $0.group == group }.map { server in
                    "server \(server.name) \(server.address) weight \(server.weight)\(options)"
                }
        }
        _ = try await MarkedFile(path).write(sections)
    }

    /// Sees that nothing else than a server-state file is overwritten, before anything is changed.
    private func checkState() async throws(TrafficError) {
        guard let path = settings.stateFile, let old = try await WholeFile(path).read() else { return }
        guard old.isEmpty || old.hasPrefix("1\n") else {
            throw TrafficError(
                "\(VisibleText.line(path, limit: 200)) is no server-state file of HAProxy, and would be overwritten: "
                    + "name another one as `haproxy.state_file`")
        }
    }

    /// Writes what HAProxy says of its slots into the file from which the next one takes it.
    private func writeState() async throws(TrafficError) {
        guard let path = settings.stateFile else { return }
        let text = try await api.ask(settings.groups.map { "show servers state \($0.backend)" })
        guard text.hasPrefix("1\n# be_id "), text.hasSuffix("\n\n") else {
            throw TrafficError("HAProxy at \(settings.place) gave only half an answer", isPassing: true)
        }
        var lines = text.split(separator: "\n").map(String.init)
        let head = lines.prefix(2)
        lines.removeAll { head.contains($0) }
        try await WholeFile(path).write((head + lines).joined(separator: "\n") + "\n")
    }
}
