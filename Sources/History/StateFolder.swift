import Glibc
import Processes

/// The folder that holds the record and its lock.
enum StateFolder {
    /// Makes the folder and those above it, for this user only. Throws `StoreError`.
    static func make(_ folder: String) throws(StoreError) {
        if let failed = Folders.make(folder) { throw failure(failed.code, failed.path) }
    }

    /// The folder of a file.
    static func of(_ path: String) -> String { path.lastIndex(of: "/").map { String(path[..<$0]) + "/" } ?? "." }

    /// What a failed call of the system means to the caller.
    static func failure(_ number: Int32, _ path: String) -> StoreError {
        switch number {
        case ENOSPC, EDQUOT: return .full(path)
        case EROFS, EACCES, EPERM:
            return StoreError(
                .readOnly, "\(path) cannot be written (\(String(cString: strerror(number))))",
                advice: "make it writable for this user, or choose another folder with --state")
        default:
            return StoreError(
                .io, "\(path) cannot be used (\(String(cString: strerror(number))))",
                advice: "check it, or choose another folder with --state")
        }
    }
}
