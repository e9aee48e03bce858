import Control
import Glibc
import History
import Model
import Processes

/// How the state folder and the record in it are.
enum StateFindings {
    static func all(_ settings: Settings) async -> [Finding] {
        let state = settings.state
        let shown = VisibleText.line(state)
        var status = stat()
        guard stat(state, &status) == 0 else {
            let parent = Paths.folder(of: state)
            return access(parent, W_OK) == 0
                ? [.ok("state folder", "\(shown) is not there yet; the first pass makes it")]
                : [
                    .problem(
                        "state folder",
                        "\(shown) cannot be made; make \(VisibleText.line(parent)) writable, or give --state")
                ]
        }
        var findings: [Finding] = []
        if status.st_mode & S_IFMT != S_IFDIR {
            return [.problem("state folder", "\(shown) is no folder; give another --state")]
        }
        if status.st_uid != geteuid() && geteuid() != 0 {
            findings.append(
                .problem(
                    "state folder", "\(shown) belongs to user \(status.st_uid), not to \(geteuid()); run as that user"))
        } else if access(state, W_OK) != 0 {
            findings.append(.problem("state folder", "\(shown) cannot be written; make it writable or give --state"))
        } else if status.st_mode & 0o077 != 0 {
            findings.append(.warning("state folder", "\(shown) is open to others; run `chmod 700` on it"))
        } else {
            findings.append(.ok("state folder", shown))
        }
        findings += [space(state), await holder(state)]
        findings.append(await record(settings))
        return findings
    }

    private static func space(_ state: String) -> Finding {
        var status = statvfs()
        guard statvfs(state, &status) == 0 else { return .warning("room", "it cannot be read") }
        let mebibytes = (UInt64(status.f_bavail) * UInt64(status.f_frsize)) >> 20
        let text = "\(mebibytes) MiB free"
        return mebibytes < 20
            ? .problem("room", text + "; make room")
            : mebibytes < 200 ? .warning("room", text + "; make room soon") : .ok("room", text)
    }

    private static func holder(_ state: String) async -> Finding {
        guard let holder = StateLock.holder(of: state) else { return .ok("loop", "none is running") }
        let who = "process \(holder.pid) (\(VisibleText.line(holder.command)))"
        guard holder.command.hasSuffix(" run") else { return .ok("loop", "\(who) is at work") }
        // An empty look at the requests disturbs nobody.
        let answer = await OwnThread.run {
            Result { () throws(ControlError) in try Control.send(.requests, state: state) }
        }
        switch answer {
        case .success: return .ok("loop", "\(who) answers")
        case .failure(let error): return .problem("loop", "\(who) does not answer: \(error)")
        }
    }

    private static func record(_ settings: Settings) async -> Finding {
        do throws(StoreError) {
            guard let store = try Session.reader(settings) else { return .ok("record", "none yet") }
            let broken = try await store.integrityCheck()
            guard broken.isEmpty else {
                return .problem(
                    "record", "\(VisibleText.line(broken[0])); move \(VisibleText.line(store.path)) away and run a pass"
                )
            }
            let counters = try await store.counters()
            let finished = counters.outcomes.values.reduce(0, +)
            return .ok("record", "\(Plural.count(finished, "reconcile")), \(counters.bytes >> 10) KiB, whole")
        } catch {
            return .problem("record", "\(error)")
        }
    }
}
