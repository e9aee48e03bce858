import CProcess
import Glibc

/// One run of the git command or of one that belongs to it, in the worker's own session and process group, so that whoever ends the worker's group
/// ends git and what git started, too.
struct GitCommand {
    let path: String
    let arguments: [String]
    /// The whole environment; also what no argument list may show.
    let environment: [String: String]
    /// How many bytes of output are taken; a command that says more is ended.
    var limit = 64 << 20

    struct Result {
        /// The exit status; 128 + N for signal N, as shells count.
        var status: Int32
        var output: [UInt8]
        /// The end of what it complained about.
        var errors: String
        var isTooLong: Bool
    }

    /// Blocks until it ended. Throws the system's error number where it could not be started.
    func run() throws(StartFailure) -> Result {
        var output = try GitCommand.pipe()
        var errors = try GitCommand.pipe()
        defer { for end in output + errors where end >= 0 { close(end) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output[1], 1)
        posix_spawn_file_actions_adddup2(&actions, errors[1], 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigfillset(&defaults)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

        var pid: pid_t = 0
        let code = GitCommand.withPointers([path] + arguments) { arguments in
            GitCommand.withPointers(environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&pid, path, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw StartFailure(code: code) }
        close(output[1])
        close(errors[1])
        (output[1], errors[1]) = (-1, -1)
        return collect(pid, output[0], errors[0])
    }

    struct StartFailure: Error {
        var code: Int32
    }

    private func collect(_ pid: pid_t, _ output: Int32, _ errors: Int32) -> Result {
        var result = Result(status: -1, output: [], errors: "", isTooLong: false)
        var complaint: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var polled = [output, errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while polled.contains(where: { $0.fd >= 0 }) {
            guard poll(&polled, 2, -1) >= 0 || errno == EINTR else { break }
            for index in polled.indices where polled[index].fd >= 0 && polled[index].revents != 0 {
                let count = read(polled[index].fd, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    polled[index].fd = -1
                    continue
                }
                if index == 1 {
                    complaint = (complaint + buffer.prefix(count)).suffix(16_384)
                } else if result.output.count + count > limit {
                    result.isTooLong = true
                    kill(pid, SIGKILL)
                } else {
                    result.output.append(contentsOf: buffer.prefix(count))
                }
            }
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        result.status = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
        result.errors = String(decoding: complaint, as: UTF8.self)
        return result
    }

    private static func pipe() throws(StartFailure) -> [Int32] {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw StartFailure(code: errno) }
        return ends
    }

    private static func withPointers<R>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return body(&pointers)
    }

    /// A program in one of the absolute folders of a search path.
    static func locate(_ name: String, in searchPath: String) -> String? {
        searchPath.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
            .first { access($0, X_OK) == 0 }
    }
}
