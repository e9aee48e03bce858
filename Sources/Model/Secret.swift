/// The value of a secret. It has no string form: whatever prints, encodes or reflects it shows `(secret)`.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    /// Takes the raw bytes as they were read.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Lends the bytes to the one act that needs them; the caller must not let them out.
    package func withBytes<R>(_ body: ([UInt8]) throws -> R) rethrows -> R { try body(bytes) }

    /// Always `(secret)`.
    package var description: String { "(secret)" }
    /// Always `(secret)`.
    package var debugDescription: String { "(secret)" }
    /// Shows no children.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
