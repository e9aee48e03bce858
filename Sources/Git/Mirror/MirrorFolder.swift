import CLibGit2
import FoundationEssentials
import Glibc
import Model
import Processes

/// The places of a mirror in the state folder, and the acts on them that are not git's.
struct MirrorFolder: Sendable {
    let state: String
    /// The bare repository.
    var path: String { state + "/mirror" }
    /// A mirror in the making: it takes the other's place only when it is complete.
    var fresh: String { state + "/mirror.new" }
    /// Held while anything is written.
    var lock: String { state + "/mirror.lock" }
    /// Its presence says that the mirror was found damaged, also to the next process.
    var damage: String { state + "/mirror.damaged" }

    init(state: String) {
        var state = state
        while state.count > 1, state.hasSuffix("/") { state.removeLast() }
        self.state = state
    }

    var isDamaged: Bool { access(damage, F_OK) == 0 }

    /// Leaves the mark of a damaged mirror. Where it cannot be written the next reader finds the damage itself.
    func markDamaged() {
        let descriptor = open(damage, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Which folder is at `path` now: another one after a swap; nil where there is none.
    var identity: UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    /// Makes the state folder, for its owner only. Throws `.storage`.
    func make() throws(SourceError) {
        guard let failed = Folders.make(state) else { return }
        errno = failed.code
        throw storage("create", failed.path)
    }

    /// Puts the fresh mirror in place of the old one in one step, and drops the old one. Throws `.storage`.
    func swap() throws(SourceError) {
        if rename(fresh, path) != 0 {
            // An existing mirror is exchanged, so that there is one at every instant.
            guard reconcile_exchange_paths(fresh, path) == 0 else { throw storage("replace", path) }
            try remove(fresh)
        }
        unlink(damage)
    }

    /// Removes a folder with everything in it, if it is there; links are removed, not followed. Throws `.storage`.
    func remove(_ folder: String) throws(SourceError) {
        guard access(folder, F_OK) == 0 else { return }
        do { try FileManager.default.removeItem(atPath: folder) } catch { throw storage("remove", folder) }
    }

    /// Removes what killed fetches left half-written. Only under the lock, when no other fetch can be writing.
    func sweep() {
        let packs = path + "/objects/pack"
        for name in Folders.names(in: packs) ?? [] {
            let base = name.split(separator: ".").first.map(String.init) ?? name
            let isWhole = access("\(packs)/\(base).pack", F_OK) == 0 && access("\(packs)/\(base).idx", F_OK) == 0
            if !(name.hasSuffix(".pack") || name.hasSuffix(".idx")) || !isWhole { unlink("\(packs)/\(name)") }
        }
    }

    func storage(_ act: String, _ place: String) -> SourceError {
        SourceError(
            .storage, "cannot \(act) \(VisibleText.line(place)): \(String(cString: strerror(errno)))",
            advice: "make room and give this user the right to write the state folder \(VisibleText.line(state))")
    }
}
