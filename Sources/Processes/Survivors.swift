import Glibc

/// Processes that outlived the one which started them.
package enum Survivors {
    /// Kills the process group of every process whose environment carries `RECONCILE_RUN=<runID>` and waits, five seconds at
    /// most, until they are gone. Our own process and group are never touched. Returns how many processes were found.
    /// Blocks its thread: for the start of a program, or a thread of its own.
    package static func end(runID: String) -> Int { end(Launch.runVariable, runID) }

    /// The same by any variable.
    static func end(_ variable: String, _ value: String) -> Int {
        let mark = Array("\(variable)=\(value)".utf8)
        var found: Set<pid_t> = []
        for _ in 0..<500 {
            let survivors = all().filter { carries($0, mark) }
            if survivors.isEmpty { break }
            found.formUnion(survivors)
            for pid in survivors {
                let group = getpgid(pid)
                if group > 1, group != getpgrp() { kill(-group, SIGKILL) } else { kill(pid, SIGKILL) }
            }
            usleep(10_000)
        }
        return found.count
    }

    /// Every process but our own.
    private static func all() -> [pid_t] {
        (Folders.names(in: "/proc") ?? []).compactMap { pid_t($0) }.filter { $0 != getpid() }
    }

    /// Whether a process began with exactly that variable; false for one that is gone, a zombie, or not ours to read.
    private static func carries(_ pid: pid_t, _ mark: [UInt8]) -> Bool {
        let file = Descriptor(open("/proc/\(pid)/environ", O_RDONLY | O_CLOEXEC))
        guard file.raw >= 0 else { return false }
        var environment: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while environment.count < 8 << 20 {
            let count = read(file.raw, &buffer, buffer.count)
            guard count > 0 else { break }
            environment.append(contentsOf: buffer.prefix(count))
        }
        return environment.split(separator: 0).contains { $0.elementsEqual(mark) }
    }
}
