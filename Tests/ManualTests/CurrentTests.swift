import Foundation
import Testing

@testable import Manual

/// What is made from the program is as the program is now. `make reference` makes it anew.
@Suite struct CurrentTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) -> String {
        (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
    }

    static let folders = ["docs/man", "docs/completions", "docs/schema"]

    @Test func everyGeneratedFileIsCurrent() throws {
        let files = GeneratedFiles.all(page: Self.text(GeneratedFiles.page))
        let manager = FileManager.default
        let present = Self.folders.flatMap { folder in
            (try? manager.contentsOfDirectory(atPath: Self.root.appending(path: folder).path))?.map {
                folder + "/" + $0
            }
                ?? []
        }
        let old = Set(present).subtracting(files.keys)
        if ProcessInfo.processInfo.environment["RECONCILE_RENEW_DOCS"] != nil {
            for folder in Self.folders {
                try manager.createDirectory(at: Self.root.appending(path: folder), withIntermediateDirectories: true)
            }
            for path in old { try manager.removeItem(at: Self.root.appending(path: path)) }
            for (path, text) in files { try Data(text.utf8).write(to: Self.root.appending(path: path)) }
            return
        }
        for (path, text) in files {
            #expect(Self.text(path) == text, "\(path) is not current: run `make reference`")
        }
        #expect(old == [], "nothing makes these any more: run `make reference`")
    }
}
