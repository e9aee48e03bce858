import FoundationEssentials
import Glibc

/// A folder of one test's own, removed with everything in it when the test ends.
package enum TemporaryFolder {
    /// Makes a folder, lends its absolute path, and removes it. Rethrows what `body` throws.
    package static func with<R>(
        isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> R
    ) async throws -> R {
        var template = Array("/tmp/reconcile-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestSupportError("no temporary folder: errno \(errno)") }
        let path = template.withUnsafeBufferPointer { buffer in
            String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }
}
