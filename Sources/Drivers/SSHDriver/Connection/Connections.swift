import DriverKit
import FoundationEssentials
import Glibc
import Model
import Processes

/// The kept connections, one a host, and the lists of host keys that they go by.
actor Connections {
    private let runner: ProcessRunner
    private let environment: [String: String]
    private let state: String
    private var open: [HostAccess: Connection] = [:]
    private var slots: [Int: Slots] = [:]
    /// By environment and the host's name there.
    private var turns: [[String]: HostTurns] = [:]
    private var lists: [String: String] = [:]
    private var folder: String?
    private var lastSweep = Monotonic.now

    /// How long a connection is kept that nobody uses, in milliseconds.
    private static let idle: Int64 = 15 * 60_000

    /// `state` is the state folder, in which an environment has its list of host keys where its manifest names none.
    init(runner: ProcessRunner, environment: [String: String], state: String) {
        self.runner = runner
        self.environment = environment
        self.state = state
    }

    /// The connection to a host, opened with its first request.
    func connection(_ access: HostAccess) async throws(DriverFailure) -> Connection {
        await sweep()
        let list: String
        if let text = access.knownHosts {
            list = try file(for: text)
        } else {
            list = state + "/known_hosts/" + access.environment
        }
        if let connection = open[access], connection.knownHosts == list { return connection }
        let slots = self.slots[access.connections] ?? Slots(access.connections, heedsCancellation: false)
        self.slots[access.connections] = slots
        let name = [access.environment, access.name]
        let turns = self.turns[name] ?? HostTurns()
        self.turns[name] = turns
        let connection = Connection(
            access, knownHosts: list, runner: runner, environment: environment, slots: slots, turns: turns)
        open[access] = connection
        // Each keeps pipes open; the others are commands that run meanwhile.
        DescriptorLimit.raise(forCommands: open.count + 64)
        return connection
    }

    /// Ends them all.
    func close() async {
        for connection in open.values { await connection.close() }
        open = [:]
        lists = [:]
        if let folder { try? FileManager.default.removeItem(atPath: folder) }
        folder = nil
    }

    /// Ends those that nobody used for long: their host may have left the inventory.
    private func sweep() async {
        let now = Monotonic.now
        guard now - lastSweep > Self.idle else { return }
        lastSweep = now
        for (access, connection) in open where await connection.rest(after: Self.idle) { open[access] = nil }
    }

    /// A file of our own with these lines: ssh reads lists from files only. Others clean up in /tmp, too: what is gone is
    /// written anew.
    private func file(for text: String) throws(DriverFailure) -> String {
        if let folder, !Self.isOurs(folder) { self.folder = nil }
        if let folder, let path = lists[text], path.hasPrefix(folder + "/"), access(path, R_OK) == 0 { return path }
        let folder: String
        if let made = self.folder { folder = made } else { folder = try newFolder() }
        self.folder = folder
        let path = "\(folder)/known_hosts-\(Digest(ofText: text).hex.prefix(16))"
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            throw DriverFailure("the list of host keys cannot be written to \(path): \(error)")
        }
        lists[text] = path
        return path
    }

    /// Whether the folder is still there, and nobody else's.
    private static func isOurs(_ folder: String) -> Bool {
        var status = stat()
        return lstat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
    }

    private func newFolder() throws(DriverFailure) -> String {
        var template = Array("/tmp/reconcile-ssh-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw DriverFailure(
                "no folder for lists of host keys can be made in /tmp: \(String(cString: strerror(errno)))")
        }
        return template.withUnsafeBufferPointer { buffer in
            String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
