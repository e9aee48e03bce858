import CLibGit2
import Model

extension Revision {
    /// Reads a commit. Only the beginning of its message is looked at; what is no UTF-8 is repaired.
    init(_ commit: Handle) {
        let id = git_commit_id(commit.pointer).map { $0.pointee.hex } ?? ""
        var author = ""
        if let signature = git_commit_author(commit.pointer) {
            let name = Revision.line(signature.pointee.name)
            let email = Revision.line(signature.pointee.email)
            author = name.isEmpty ? "<\(email)>" : "\(name) <\(email)>"
        }
        // A hostile commit may be dated anywhere; what is kept can be written with a year of four digits.
        let seconds = min(max(git_commit_time(commit.pointer), -62_135_596_800), 253_402_300_799)
        self.init(
            commit: id, author: author, subject: Revision.line(git_commit_message(commit.pointer)),
            committedAt: Timestamp(milliseconds: seconds * 1000))
    }

    /// The first line, at most 500 characters.
    private static func line(_ text: UnsafePointer<CChar>?) -> String {
        guard var start = text else { return "" }
        while start.pointee == 0x0A { start += 1 }
        var count = 0
        // 500 characters of UTF-8 have at most 2000 bytes.
        while count < 2000, start[count] != 0, start[count] != 0x0A { count += 1 }
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        return String(String.UnicodeScalarView(String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(500)))
    }
}
