import FoundationEssentials
import Glibc
import Model
import Processes
import Synchronization

/// Starts an engine in process and mount namespaces of its own, so that with its first process everything dies and
/// everything is unmounted: containers, shims, file systems. The kernel sees to that even where the tests are killed.
actor EngineHost {
    private let name: String
    private let disk: String
    private let hasNetwork: Bool
    private let isStoppable: Bool
    private let script: String
    private var starting: Task<ContainerEngine, any Error>?
    private var server: Task<CommandResult, Never>?
    private var leftovers: String?

    /// `script` runs with `data` below its working folder as a file system of that size, and becomes the engine, which
    /// listens at `engine.sock`.
    init(name: String, disk: String, hasNetwork: Bool = false, isStoppable: Bool = false, script: String) {
        self.name = name
        self.disk = disk
        self.hasNetwork = hasNetwork
        self.isStoppable = isStoppable
        self.script = script
    }

    /// Why the tools cannot be run here.
    static func missing(_ tools: [String]) -> String? {
        if geteuid() != 0 { return "container engines are started by root only" }
        let folders = ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"]
        guard
            let tool = (tools + ["unshare", "setpriv"]).first(where: { tool in
                !folders.contains { access($0 + tool, X_OK) == 0 }
            })
        else { return nil }
        return "the program \(tool) is missing; make setup installs it"
    }

    func engine() async throws -> ContainerEngine {
        if let starting { return try await starting.value }
        let task = Task { try await start() }
        starting = task
        return try await task.value
    }

    func end() async {
        server?.cancel()
        _ = await server?.value
        if let leftovers {
            _ = await OwnThread.run { system(leftovers) }
            EngineHost.leftovers.withLock { $0.removeAll { $0 == leftovers } }
        }
    }

    private func start() async throws -> ContainerEngine {
        var template = Array("/tmp/reconcile-test-\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestSupportError("no temporary folder: errno \(errno)") }
        let folder = template.withUnsafeBufferPointer { buffer in
            String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        let number = EngineHost.count.withLock { count in
            count += 1
            return count
        }
        let bridge = "rc\(getpid())n\(number)"
        leaveNothing(folder, bridge)
        let namespaces = "-m -p --fork --kill-child --mount-proc --propagation private" + (hasNetwork ? " -n" : "")
        let start = "mkdir data\nmount -t tmpfs -o size=\(disk) tmpfs data\n"
        let run = isStoppable ? EngineHost.stoppable : "run() { exec \"$@\"; }\n"
        let inner = "set -e\n" + start + run + script
        try Data(inner.utf8).write(to: URL(filePath: folder + "/start.sh"))
        let seed = Int(getpid()) * 4 + number
        let command = Command(
            "/bin/sh",
            [
                "-c",
                "echo $$ >pid; exec setpriv --pdeathsig KILL unshare \(namespaces) /bin/sh start.sh >log 2>&1",
            ],
            environment: [
                "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": folder, "BRIDGE": bridge,
                "NET": "\(200 + seed % 50).\(seed / 50 % 250)", "POOL": "\(18 + seed % 12)",
                "PORTS": "\(10_000 + seed % 19 * 500) \(10_000 + seed % 19 * 500 + 499)",
            ], workingDirectory: folder, timeout: .seconds(7200))
        server = Task { await ProcessRunner().run(command) }
        let engine = ContainerEngine(socket: folder + "/engine.sock", folder: folder)
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do {
                try await engine.docker("version")
                return engine
            } catch {
                guard ContinuousClock.now < deadline else {
                    let log = (try? Data(contentsOf: URL(filePath: folder + "/log"))) ?? Data()
                    throw TestSupportError(
                        "\(name) did not start: \(error)\n\(String(decoding: log.suffix(2000), as: UTF8.self))")
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// What the kernel does not take away by itself goes when the process of the tests ends.
    private func leaveNothing(_ folder: String, _ bridge: String) {
        let command = """
            kill -9 $(cat \(folder)/pid) 2>/dev/null; sleep 0.1
            for link in $(ls /sys/class/net); do case $link in \(bridge) | \(bridge)-*) ip link del $link ;; esac; done
            for group in /sys/fs/cgroup/*/\(bridge) /sys/fs/cgroup/\(bridge); do
                [ -d "$group" ] && find "$group" -depth -type d -exec rmdir {} + ; done 2>/dev/null
            rm -rf \(folder)
            """
        leftovers = command
        let isFirst = EngineHost.leftovers.withLock { leftovers in
            leftovers.append(command)
            return leftovers.count == 1
        }
        if isFirst { atexit { for command in EngineHost.leftovers.withLock({ $0 }) { _ = system(command) } } }
    }

    /// The engine beside the first process, so that it can end and begin again: see `ContainerEngine.stop`.
    private static let stoppable = """
        run() {
            while :; do
                "$@" & engine=$!
                while kill -0 $engine 2>/dev/null && [ ! -e stop ]; do sleep 0.2; done
                kill $engine 2>/dev/null || true
                wait $engine || true
                touch stopped
                while [ -e stop ]; do sleep 0.2; done
                rm stopped
            done
        }

        """

    private static let count = Mutex(0)
    private static let leftovers = Mutex<[String]>([])
}
