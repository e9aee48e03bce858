import CLibGit2
import Model

/// What the library said when a call failed.
struct GitFailure: Error {
    /// `GIT_ENOTFOUND`, `GIT_EAUTH`, ….
    let code: Int32
    /// `GIT_ERROR_NET`, `GIT_ERROR_ODB`, ….
    let category: UInt32
    /// The library's own words: may quote a server or a repository.
    let message: String
    /// What it means, where that is known already: nothing is read out of the words then.
    var meaning: SourceError?

    /// Reads the calling thread's last error.
    init(code: Int32) {
        self.code = code
        if let last = git_error_last() {
            category = UInt32(bitPattern: last.pointee.klass)
            message = last.pointee.message.map { String(cString: $0) } ?? ""
        } else {
            category = 0
            message = ""
        }
    }

    init(code: Int32 = -1, category: git_error_t, message: String) {
        self.code = code
        self.category = category.rawValue
        self.message = message
    }

    /// A pack that is not taken.
    init(refused refusal: PackRefusal) {
        switch refusal {
        case .tooLarge(let what): self.init(code: GitFailure.tooLarge, category: GIT_ERROR_CALLBACK, message: what)
        case .damaged(let what): self.init(code: GitFailure.damagedPack, category: GIT_ERROR_CALLBACK, message: what)
        }
    }

    /// Codes that the library does not have.
    static let (tooLarge, damagedPack): (Int32, Int32) = (-1001, -1002)

    /// A failure that is no library's.
    init(_ meaning: SourceError) {
        self.init(category: GIT_ERROR_NONE, message: meaning.message)
        self.meaning = meaning
    }

    func isOf(_ categories: git_error_t...) -> Bool { categories.contains { $0.rawValue == category } }

    var isNotFound: Bool { code == GIT_ENOTFOUND.rawValue }

    /// Whether an object was read whole, as its id says, and makes no sense: then it came so from the server.
    var isMalformed: Bool { !isNotFound && isOf(GIT_ERROR_OBJECT, GIT_ERROR_TREE) }

    /// Whether it needed more memory or a larger file than the worker may have.
    var isNoRoom: Bool { isOf(GIT_ERROR_NOMEMORY) || message.contains("File too large") }

    /// Whether something that should be in an object database is missing there or cannot be read.
    var isDamage: Bool {
        meaning == nil && !isStorage && !isMalformed
            && (isNotFound || message.contains("missing delta bases")
                || isOf(GIT_ERROR_ODB, GIT_ERROR_ZLIB, GIT_ERROR_REFERENCE, GIT_ERROR_REPOSITORY))
    }

    /// Whether the disk or its rights are to blame.
    var isStorage: Bool {
        guard isOf(GIT_ERROR_OS, GIT_ERROR_FILESYSTEM, GIT_ERROR_INDEXER, GIT_ERROR_ODB) else { return false }
        return ["No space left", "Read-only file system", "Permission denied", "Disk quota", "Input/output error"]
            .contains { message.contains($0) }
    }
}
