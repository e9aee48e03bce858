import CLibGit2

extension git_oid {
    /// Reads 40 hex digits; nil for anything else.
    init?(hex: String) {
        guard hex.utf8.count == 40 else { return nil }
        self.init()
        guard git_oid_fromstr(&self, hex) == 0 else { return nil }
    }

    /// The 40 hex digits.
    var hex: String {
        withUnsafePointer(to: self) { id in
            String(unsafeUninitializedCapacity: 40) { buffer in
                buffer.withMemoryRebound(to: CChar.self) { digits in
                    git_oid_fmt(digits.baseAddress, id) == 0 ? 40 : 0
                }
            }
        }
    }

    /// Whether two ids are the same.
    static func == (left: git_oid, right: git_oid) -> Bool {
        withUnsafePointer(to: left) { left in
            withUnsafePointer(to: right) { right in git_oid_equal(left, right) != 0 }
        }
    }
}
