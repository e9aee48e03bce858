import Glibc
import Model
import Processes

/// nginx's worker processes, as the system shows them: which began after a configuration was written, and which before.
struct NginxWorkers: Sendable {
    /// Those that began after it.
    var new = 0
    /// Those that began before it and still take requests.
    var old = 0
    /// Those that began before it and only finish what they have.
    var ending = 0
    /// How long ago the youngest began, in milliseconds.
    var youngest = Int64.max

    /// Workers and a file of less than this between them, in milliseconds, cannot be told apart: both times are cut to a tick of
    /// the system's clock, 10 ms.
    static let resolution: Int64 = 20

    /// Looks at the workers of the master whose number is in a file. `file` is the configuration.
    static func look(_ pidFile: String, since file: String) async throws(TrafficError) -> NginxWorkers {
        try await OwnThread.run { Result { () throws(TrafficError) in try now(pidFile, since: file) } }.get()
    }

    private static func now(_ pidFile: String, since file: String) throws(TrafficError) -> NginxWorkers {
        let shown = VisibleText.line(pidFile, limit: 200)
        guard let text = try WholeFile(pidFile).readNow(),
            let master = Int32(text.prefix { !$0.isWhitespace }), master > 1,
            let children = SystemFile.text("/proc/\(master)/task/\(master)/children")
        else {
            throw TrafficError(
                "nginx is not running by \(shown): start it, or name its pid file by `nginx.pid`", isPassing: true)
        }
        guard title(master).hasPrefix("nginx: master") else {
            throw TrafficError("\(shown) names process \(master), which is not nginx's master", isPassing: true)
        }
        var status = stat()
        guard stat(file, &status) == 0 else {
            throw TrafficError("\(VisibleText.line(file, limit: 200)) is not there")
        }
        let written = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        var workers = NginxWorkers()
        for child in children.split(separator: " ").compactMap({ Int32($0) }) {
            let title = title(child)
            guard title.hasPrefix("nginx: worker process"), let began = start(of: child) else { continue }
            workers.youngest = min(workers.youngest, WallClock.now().milliseconds - began)
            if began + resolution >= written, !title.contains("shutting down") {
                workers.new += 1
            } else if title.contains("shutting down") {
                workers.ending += 1
            } else {
                workers.old += 1
            }
        }
        return workers
    }

    private static func title(_ process: Int32) -> String {
        VisibleText.line(
            SystemFile.text("/proc/\(process)/cmdline").map { $0.replacing("\0", with: " ") } ?? "", limit: 80)
    }

    /// The time of day at which a process began, in milliseconds.
    private static func start(of process: Int32) -> Int64? {
        guard let line = SystemFile.text("/proc/\(process)/stat"), let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let ticks = Int64(fields[19]) else { return nil }
        var boot = timespec()
        clock_gettime(CLOCK_BOOTTIME, &boot)
        let sinceBoot = Int64(boot.tv_sec) * 1000 + Int64(boot.tv_nsec) / 1_000_000
        let perSecond = Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        return WallClock.now().milliseconds - sinceBoot + ticks * 1000 / perSecond
    }
}
