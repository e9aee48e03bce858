import GRDB
import Glibc
import Model

extension StoreError {
    /// What a failure of SQLite, or of decoding what it holds, means to the caller.
    init(_ error: any Error, path: String) {
        if let known = error as? StoreError {
            self = known
        } else if let failure = error as? DatabaseError {
            self = StoreError.of(failure, path: path)
        } else {
            self = StoreError(
                .corrupt, "the record \(path) holds something unreadable (\(error))",
                advice: "if it was edited by hand, put a copy from before in its place")
        }
    }

    /// Whether the write itself was at fault, so that others that were grouped with it may still succeed.
    var isFaultOfTheWrite: Bool { code == .rejected }

    private static func of(_ failure: DatabaseError, path: String) -> StoreError {
        let detail = failure.message ?? failure.resultCode.description
        switch failure.resultCode {
        case .SQLITE_FULL: return full(path)
        case .SQLITE_IOERR where isFull(path), .SQLITE_CANTOPEN where isFull(path): return full(path)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: return readOnly(path, detail)
        case .SQLITE_IOERR where isUnwritable(path), .SQLITE_CANTOPEN where isUnwritable(path):
            return readOnly(path, detail)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return StoreError(
                .busy, "another process is writing to the record \(path)",
                advice: "end what keeps it open, such as a sqlite3 shell in a transaction, and try again")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return StoreError(
                .corrupt, "the record \(path) is damaged (\(detail))",
                advice: "put a copy from before in its place, or move it away to begin a new one")
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE, .SQLITE_ERROR:
            return StoreError(
                .rejected, "the record \(path) does not accept this (\(detail))", advice: "please report this")
        default:
            return StoreError(
                .io, "the record \(path) cannot be read or written (\(detail))",
                advice: "check the folder's mode, the disk and the kernel's log")
        }
    }

    /// The disk that holds `path` is full.
    static func full(_ path: String) -> StoreError {
        StoreError(
            .full, "the disk that holds \(path) is full", advice: "free some space; recording goes on by itself")
    }

    private static func readOnly(_ path: String, _ detail: String) -> StoreError {
        StoreError(
            .readOnly, "the record \(path) cannot be written (\(detail))",
            advice: "make its folder and the files in it writable for this user")
    }

    /// SQLite reports some writes that found no space as failures of the disk.
    private static func isFull(_ path: String) -> Bool {
        var status = statvfs()
        return statvfs(StateFolder.of(path), &status) == 0
            && UInt64(status.f_bavail) * UInt64(status.f_frsize) < 65_536
    }

    private static func isUnwritable(_ path: String) -> Bool { access(StateFolder.of(path), W_OK) != 0 }
}
