import DriverKit
import Glibc
import Model
import Processes

/// A socket here that leads to an engine's socket on another host, by a kept OpenSSH client. Host keys, keys and jumps are
/// as the user's ssh configuration says; nothing is ever asked.
actor SSHTunnel {
    struct Failure: Error {
        var reason: String
    }

    private let command: @Sendable (String) -> Command
    private let runner: ProcessRunner
    private var folder: OwnFolder?
    private var process: KeptProcess?
    private var opening: Task<Result<String, Failure>, Never>?
    private var isUp = false
    private var lastWords = ""

    init(_ host: SSHHop, socket: String, runner: ProcessRunner, environment: [String: String]) {
        self.runner = runner
        let kept = environment.filter { ["PATH", "HOME", "USER", "LANG", "SSH_AUTH_SOCK"].contains($0.key) }
        command = { local in
            let options = [
                "BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=10", "ServerAliveCountMax=3",
                "ExitOnForwardFailure=yes", "StreamLocalBindMask=0177", "StreamLocalBindUnlink=yes", "ForwardAgent=no",
                "ClearAllForwardings=no", "ControlPath=none",
            ]
            return Command(
                "ssh",
                ["-N", "-T"] + options.flatMap { ["-o", $0] } + ["-L", local + ":" + socket] + host.arguments,
                environment: kept, outputLimit: 4096)
        }
    }

    /// The path of a socket that is open; it is opened where it is not.
    func open(within timeout: TimeSpan) async throws(Failure) -> String {
        if isUp, let folder { return Self.socket(in: folder) }
        let task = opening ?? Task { await opened() }
        opening = task
        // Who joins one that is under way waits no longer than it may, and leaves it to the others.
        switch await Deadline.race(timeout, { await task.value }) {
        case .done(let result): return try result.get()
        case .failed, .late: throw Failure(reason: "ssh made no connection within \(timeout)")
        case .cancelled: throw Failure(reason: "the task was cancelled")
        }
    }

    func close() async {
        process?.kill()
        process = nil
        isUp = false
        folder?.remove()
        folder = nil
    }

    private func opened() async -> Result<String, Failure> {
        // Not the first caller's time: others may wait for it longer.
        let result = await start(.seconds(30))
        opening = nil
        return result
    }

    private func start(_ timeout: TimeSpan) async -> Result<String, Failure> {
        let folder: OwnFolder
        if let made = self.folder {
            folder = made
        } else {
            do throws(DriverFailure) {
                // In the state folder its path might be too long for a socket.
                folder = try OwnFolder.make(for: "sockets", in: [(root: "/tmp", prefix: "reconcile-tunnel-")])
            } catch {
                return .failure(Failure(reason: "\(error)"))
            }
            self.folder = folder
        }
        let local = Self.socket(in: folder)
        unlink(local)
        lastWords = ""
        let started: KeptProcess
        do throws(NotStarted) {
            started = try await runner.keep(command(local))
        } catch {
            return .failure(Failure(reason: "ssh could not start: \(VisibleText.line(error.reason))"))
        }
        process = started
        Task { await listen(to: started) }
        let end = Monotonic.now + timeout.milliseconds
        while Monotonic.now < end, process === started {
            if access(local, F_OK) == 0 {
                isUp = true
                return .success(local)
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
        started.kill()
        let reason = lastWords.isEmpty ? "ssh made no connection within \(timeout)" : "ssh: " + lastWords
        return .failure(Failure(reason: reason))
    }

    private static func socket(in folder: OwnFolder) -> String { folder.path + "/engine" }

    private func listen(to started: KeptProcess) async {
        while let event = await started.next() {
            switch event {
            case .remark(let bytes, _): lastWords = VisibleText.line(String(decoding: bytes, as: UTF8.self), limit: 200)
            case .line, .lineTooLong: break
            case .ended:
                guard process === started else { return }
                process = nil
                isUp = false
            }
        }
    }
}
