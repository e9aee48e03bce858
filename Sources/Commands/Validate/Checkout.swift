import Glibc

/// The working copy of a git repository, found by its `.git`; git itself is not asked.
struct Checkout {
    /// Absolute, without links.
    let root: String

    /// The innermost one that a folder, absolute and without links, stands in; nil where it stands in none.
    init?(around folder: String) {
        var above = folder
        while access(Checkout.join(above, ".git"), F_OK) != 0 {
            guard above != "/", above.hasPrefix("/") else { return nil }
            above = Paths.folder(of: above)
        }
        root = above
    }

    /// What code hosts call a file: its path from the root of its repository; without one, from the working directory.
    /// The file itself need not be there.
    static func path(of file: String) -> String {
        let folder = absolute(Paths.folder(of: file))
        let name = file.split(separator: "/").last.map(String.init) ?? file
        let whole = join(folder, name)
        let base = Checkout(around: folder)?.root ?? absolute(".")
        return whole.hasPrefix(join(base, "")) ? String(whole.dropFirst(join(base, "").count)) : whole
    }

    private static func absolute(_ folder: String) -> String {
        guard let real = realpath(folder, nil) else { return folder }
        defer { free(real) }
        return String(cString: real)
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }
}
