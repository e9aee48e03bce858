/// A folder of the source that holds an `environment.yaml`.
package struct EnvironmentFolder: Hashable, Sendable, Codable {
    /// The last part of the path: the environment's name.
    package var name: String
    /// Relative to the source's folder; empty where the source's folder itself is the environment.
    package var path: String
    /// The id of the folder's tree; equal ids mean that nothing in or below it differs.
    package var tree: String

    /// All parts.
    package init(name: String, path: String, tree: String) {
        self.name = name
        self.path = path
        self.tree = tree
    }
}
