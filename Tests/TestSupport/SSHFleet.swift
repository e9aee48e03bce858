import FoundationEssentials
import Glibc
import Model
import Processes

/// A host of tests: a real `sshd` on loopback with a port and a host key of its own.
package struct SSHHost: Sendable {
    /// What the test calls it.
    package let name: String
    /// The loopback address where it listens.
    package let address: String
    /// The port there.
    package let port: Int
    /// Its public host key, `ssh-ed25519 AAAA…`.
    package let key: String
    /// A folder that stands for its disk.
    package let root: String
    /// What it has for itself; nil where its disk is this machine's.
    let system: HostSystem?

    /// Its line of `known_hosts`.
    package var knownHosts: String { "[\(address)]:\(port) \(key)\n" }
}

/// Any number of hosts that one key opens; they can be stopped and started again.
package actor SSHFleet {
    /// Where everything of it is.
    package nonisolated let folder: String
    /// The file of the private key that opens every host.
    package nonisolated let identity: String
    private let authorized: String
    private var hosts: [String: SSHHost] = [:]
    private var servers: [String: Task<CommandResult, Never>] = [:]

    private init(folder: String, identity: String, authorized: String) {
        self.folder = folder
        self.identity = identity
        self.authorized = authorized
    }

    /// Lends a fleet with these hosts until `body` ends.
    package static func with<R: Sendable>(
        _ names: [String] = ["alpha"], isolation: isolated (any Actor)? = #isolation,
        _ body: (SSHFleet) async throws -> R
    ) async throws -> R {
        try await TemporaryFolder.with { folder in
            let key = try await TestTool.sshKey("key", in: folder)
            let fleet = SSHFleet(folder: folder, identity: folder + "/key", authorized: key + "\n")
            do {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for name in names { group.addTask { _ = try await fleet.add(name) } }
                    try await group.waitForAll()
                }
                let result = try await body(fleet)
                await fleet.stopAll()
                return result
            } catch {
                await fleet.stopAll()
                throw error
            }
        }
    }

    /// Makes a host and starts it, at a loopback address. `environment` is what its sessions find besides, `forced` the
    /// command that every session runs instead of the one that it asks for, which is in `$SSH_ORIGINAL_COMMAND`. With a
    /// `system` it has users, packages and services of its own, and a disk on which only `root` is seen from outside.
    package func add(
        _ name: String, at address: String = "127.0.0.1", environment: [String: String] = [:], forced: String? = nil,
        system: HostSystem? = nil
    ) async throws -> SSHHost {
        if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
        // Its users read the list of keys themselves.
        if system != nil { chmod(folder, 0o711) }
        let home = "\(folder)/host-\(name)"
        for path in [home, home + "/root", home + "/state"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        let key = try await TestTool.sshKey("host_key", in: home)
        let port = try TestServer.freePort()
        let quoted = forced.map { "command=\"" + $0.replacing("\"", with: "\\\"") + "\" " } ?? ""
        try TestFile.write(home + "/authorized_keys", quoted + authorized)
        // The start-up files of whoever runs the tests are not what is tested: one may take long, or wait for a lock.
        let own = system == nil ? ["HOME": home + "/root", "XDG_STATE_HOME": home + "/state"] : [:]
        let variables = own.merging(environment) { $1 }
        var lines = [
            "ListenAddress \(address)", "Port \(port)", "HostKey \(home)/host_key",
            "AuthorizedKeysFile \(home)/authorized_keys", "UsePAM no", "StrictModes no", "PermitRootLogin yes",
            "PasswordAuthentication no", "KbdInteractiveAuthentication no", "KexAlgorithms curve25519-sha256",
            "PidFile \(system == nil ? home + "/pid" : "none")", "LogLevel ERROR", "UseDNS no", "MaxStartups 200",
            "PrintMotd no",
        ]
        if !variables.isEmpty {
            let all = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            lines.append("SetEnv " + all.joined(separator: " "))
        }
        try TestFile.write(home + "/sshd_config", lines.joined(separator: "\n") + "\n")
        let host = SSHHost(name: name, address: address, port: port, key: key, root: home + "/root", system: system)
        hosts[name] = host
        try await start(name)
        return host
    }

    /// A host by its name.
    package func host(_ name: String) throws -> SSHHost {
        guard let host = hosts[name] else { throw TestSupportError("there is no host \(name)") }
        return host
    }

    /// What `known_hosts` says of all of them.
    package var knownHosts: String { hosts.values.map(\.knownHosts).sorted().joined() }

    /// Starts a host that was stopped.
    package func start(_ name: String) async throws {
        let host = try host(name)
        let home = "\(folder)/host-\(name)"
        let arguments = ["-D", "-e", "-f", home + "/sshd_config"]
        let command =
            try host.system?.command(folder: folder, home: home, server: ["/usr/sbin/sshd"] + arguments)
            ?? Command(
                "/usr/sbin/sshd", arguments, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
                timeout: .seconds(900))
        let server = Task { await ProcessRunner().run(command) }
        servers[name] = server
        let end = ContinuousClock.now + .seconds(60)
        while !TestServer.accepts(host.port, at: host.address) {
            guard ContinuousClock.now < end else {
                await stop(name)
                let words = String(decoding: await server.value.errors.suffix(2000), as: UTF8.self)
                let console = (try? TestFile.read(home + "/console")) ?? ""
                throw TestSupportError("sshd of \(name) did not start: \(words)\(console.suffix(2000))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Runs a program on a host that has a system of its own, as root, and returns what it prints.
    @discardableResult
    package func run(on name: String, _ arguments: [String]) async throws -> String {
        let pid = try first(of: name)
        let spaces = try host(name).system?.hasSystemd == true ? ["-m", "-p", "-C", "-u", "-i"] : ["-m"]
        return try await TestTool.run("nsenter", ["-t", String(pid)] + spaces + ["--"] + arguments, in: "/")
    }

    /// Where the disk of a host that has a system of its own is seen from outside.
    package func disk(of name: String) throws -> String { "/proc/\(try first(of: name))/root" }

    /// The process that the others of a host come from: with systemd, the one that its namespaces belong to.
    private func first(of name: String) throws -> pid_t {
        let all = try processes(of: name)
        guard let pid = try host(name).system?.hasSystemd == true ? all.dropFirst().first : all.first else {
            throw TestSupportError("no process of \(name)")
        }
        return pid
    }

    /// Kills a host's server with all its sessions.
    package func stop(_ name: String) async {
        guard let server = servers.removeValue(forKey: name) else { return }
        for pid in (try? processes(of: name)) ?? [] { kill(pid, SIGKILL) }
        server.cancel()
        _ = await server.value
        if hosts[name]?.system != nil { await HostSystem.removeGroup("\(folder)/host-\(name)") }
    }

    /// Gives a host another key, as a machine that was set up anew has.
    package func changeKey(of name: String) async throws {
        await stop(name)
        let home = "\(folder)/host-\(name)"
        try FileManager.default.removeItem(atPath: home + "/host_key")
        try await TestTool.sshKey("host_key", in: home)
        try await start(name)
    }

    /// Holds a host's server and its sessions so that nothing is said any more, or lets them go on.
    package func freeze(_ name: String, _ isFrozen: Bool) throws {
        for pid in try processes(of: name) { kill(pid, isFrozen ? SIGSTOP : SIGCONT) }
    }

    /// A host's server and everything that it started: each session is a session of its own to the system, too.
    private func processes(of name: String) throws -> [pid_t] {
        let text = try TestFile.read("\(folder)/host-\(name)/pid")
        guard let server = pid_t(text.filter(\.isNumber)), server > 1 else {
            throw TestSupportError("no process of \(name)")
        }
        return Self.children(of: server)
    }

    /// A process and everything that it started, the parents first.
    package static func children(of pid: pid_t) -> [pid_t] {
        var children: [pid_t: [pid_t]] = [:]
        for entry in Folders.names(in: "/proc") ?? [] {
            guard let pid = pid_t(entry), let parent = words(of: pid).dropFirst().first.flatMap({ pid_t($0) }) else {
                continue
            }
            children[parent, default: []].append(pid)
        }
        var all = [pid]
        var next = 0
        while next < all.count {
            all += children[all[next]] ?? []
            next += 1
        }
        return all
    }

    /// Whether a process has ended and was not fetched.
    package static func isZombie(_ pid: pid_t) -> Bool { words(of: pid).first == "Z" }

    /// When a process started, as the system says it.
    package static func start(of pid: pid_t) -> String? { words(of: pid).dropFirst(19).first }

    /// What `/proc` says of a process, from its state on.
    private static func words(of pid: pid_t) -> [String] {
        guard let stat = try? TestFile.read("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else { return [] }
        return stat[stat.index(after: end)...].split(separator: " ").map(String.init)
    }

    /// The processes of a host's server that serve connections.
    package func sessions(_ name: String) throws -> [pid_t] {
        try processes(of: name).dropFirst().filter { (try? TestFile.read("/proc/\($0)/comm")) == "sshd\n" }
    }

    /// Ends a host's side of all connections; what was started over them goes on, but for the shells themselves if
    /// `withShell` says so.
    package func cut(_ name: String, withShell: Bool = false) throws {
        let sessions = try sessions(name)
        let shells = sessions.flatMap { session in
            Self.children(of: session).filter { Self.words(of: $0).dropFirst().first == "\(session)" }
        }.filter { !sessions.contains($0) }
        for pid in sessions { kill(pid, SIGKILL) }
        if withShell { for pid in shells { kill(pid, SIGKILL) } }
    }

    private func stopAll() async {
        for name in Array(servers.keys) {
            try? freeze(name, false)
            await stop(name)
        }
    }
}
