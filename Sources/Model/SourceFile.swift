/// One entry of a source's tree that is not a folder.
package struct SourceFile: Hashable, Sendable, Codable {
    /// What the entry is. Only files and executables are ever read; the others are refused by name.
    package enum Kind: String, Hashable, Sendable, Codable {
        case file, executable, symlink, submodule
    }

    /// Relative to the source's folder, parts joined by `/`.
    package var path: String
    /// What it is.
    package var kind: Kind
    /// The id of its content in the object database (git's blob id); equal ids mean equal contents.
    package var id: String
    /// Bytes; zero for links to elsewhere.
    package var size: Int

    /// All parts of one entry.
    package init(path: String, kind: Kind, id: String, size: Int) {
        self.path = path
        self.kind = kind
        self.id = id
        self.size = size
    }
}
