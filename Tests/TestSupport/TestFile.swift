import FoundationEssentials

/// Small text files of tests.
package enum TestFile {
    /// Writes one, over what is there.
    package static func write(_ path: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    /// Reads one.
    package static func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }
}
