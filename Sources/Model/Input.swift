/// All that decides what an environment should be: its folder's tree, the root defaults, every `files` tree.
package struct Input: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The id of the folder's tree.
    package var tree: String
    /// Ids of the root defaults and of every path that a workload's `files` names, by path; a path with nothing
    /// there is left out.
    package var paths: [String: String]

    /// Both parts.
    package init(tree: String, paths: [String: String]) {
        self.tree = tree
        self.paths = paths
    }

    /// One name for all of it.
    package var id: Digest {
        Digest(of: .list([.string(tree), .map(paths.mapValues { .string($0) })]))
    }

    /// The id's first twelve digits.
    package var description: String { id.short }
}
