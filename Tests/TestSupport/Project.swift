/// The checkout that the tests belong to.
package enum Project {
    /// The absolute path of something in it, `docs/examples/file.yaml`.
    package static func path(_ name: String) -> String {
        #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/" + name
    }
}
