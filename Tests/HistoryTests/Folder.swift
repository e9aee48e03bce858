import FoundationEssentials
import History
import Model

/// A folder of one test's own, gone when the test is over.
final class Folder: Sendable {
    let path: String
    var record: String { path + "/reconcile.sqlite" }

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/history-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func open() throws -> Store { try Store.open(path: record, readOnly: false) }
}
