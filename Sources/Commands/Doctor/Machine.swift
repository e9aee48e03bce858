import Git
import Glibc
import History
import Model
import Processes

/// What the machine gives us.
enum Machine {
    /// `overSSH` where a source is behind an ssh address.
    static func findings(overSSH: Bool) async -> [Finding] {
        [await git()] + (overSSH ? [await ssh()] : []) + libraries() + [
            shell(), clock(), limit(RLIMIT_NOFILE.rawValue, "open files", 256),
            limit(__RLIMIT_NPROC.rawValue, "processes", 256), proc(),
        ]
    }

    private static func git() async -> Finding {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let result = await ProcessRunner().run(
            Command("git", ["--version"], environment: ["PATH": path], timeout: .seconds(5), outputLimit: 1024))
        let said = VisibleText.line(String(decoding: result.output, as: UTF8.self), limit: 80)
        return result.succeeded
            ? .ok("git", said.trimmed)
            : .warning("git", "the git command cannot be run; hooks need it, and servers that libgit2 cannot speak to")
    }

    private static func ssh() async -> Finding {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let result = await ProcessRunner().run(
            Command("ssh", ["-V"], environment: ["PATH": path], timeout: .seconds(5), outputLimit: 1024))
        let said = VisibleText.line(String(decoding: result.errors, as: UTF8.self), limit: 80)
        return result.succeeded
            ? .ok("ssh", said.trimmed)
            : .warning("ssh", "the ssh command cannot be run; servers that libgit2 cannot speak to need it: install it")
    }

    private static func libraries() -> [Finding] {
        let sqlite = SQLiteLibrary.version.map { Finding.ok("sqlite", $0) }
        return [
            .ok("libgit2", GitLibrary.description),
            sqlite ?? .problem("sqlite", "the library cannot be used; install libsqlite3-0 anew"),
        ]
    }

    private static func shell() -> Finding {
        access("/bin/sh", X_OK) == 0
            ? .ok("shell", "/bin/sh")
            : .problem("shell", "there is no /bin/sh, which runs the commands of manifests; install one")
    }

    /// A clock that is years off breaks every time in the record.
    private static func clock() -> Finding {
        let now = WallClock.now()
        let isSane =
            now > Timestamp(milliseconds: 1_700_000_000_000) && now < Timestamp(milliseconds: 4_100_000_000_000)
        return isSane ? .ok("clock", now.iso8601) : .problem("clock", "it says \(now.iso8601); set it")
    }

    private static func limit(_ resource: UInt32, _ name: String, _ least: rlim_t) -> Finding {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(resource), &limit) == 0 else {
            return .warning(name, "the limit cannot be read")
        }
        let shown = limit.rlim_cur == rlim_t.max ? "no limit" : "at most \(limit.rlim_cur)"
        return limit.rlim_cur >= least
            ? .ok(name, shown) : .warning(name, "\(shown); raise it to \(least) or more with ulimit")
    }

    private static func proc() -> Finding {
        access("/proc/self/fd", R_OK) == 0
            ? .ok("/proc", "mounted") : .problem("/proc", "it is not mounted; children cannot be found without it")
    }
}

extension String {
    /// Without spaces at either end.
    fileprivate var trimmed: String {
        var text = Substring(self)
        while text.last == " " { text.removeLast() }
        while text.first == " " { text.removeFirst() }
        return String(text)
    }
}
