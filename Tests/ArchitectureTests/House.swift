import Foundation
import Testing

/// The checkout that this test was built from.
enum House {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path(percentEncoded: false))
    }

    /// The files below a folder whose names end so, relative to the root and sorted. Hidden ones are left out.
    static func files(below folder: String, ending: String) -> [String] {
        let start = root.appending(path: folder).path(percentEncoded: false)
        let found = FileManager.default.enumerator(atPath: start)?.compactMap { $0 as? String } ?? []
        return found.filter {
            $0.hasSuffix(ending) && !$0.hasPrefix(".") && !$0.contains("/.") && !isFolder(start + "/" + $0)
        }
        .map { folder.isEmpty ? $0 : folder + "/" + $0 }.sorted()
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Every Swift file of the product, read once.
    static func sources() throws -> [SourceText] { try read.get() }

    private static let read = Result {
        try files(below: "Sources", ending: ".swift").map { SourceText(path: $0, text: try text($0)) }
    }

    /// The pages that people read. The build folder is not looked into.
    static func pages() throws -> [String] {
        let folders = ["docs", "hooks", "manifests"].flatMap { files(below: $0, ending: ".md") }
        let top = try FileManager.default.contentsOfDirectory(atPath: root.path(percentEncoded: false))
        return (top.filter { $0.hasSuffix(".md") } + folders).sorted()
    }
}
