import Model

/// Why a secret could not be read. Names the place, never the value.
package struct SecretError: Error, Sendable, CustomStringConvertible {
    /// Where it should have been.
    package var reference: SecretReference
    /// What is wrong there and what to do, as the end of a sentence.
    package var reason: String

    /// Both parts.
    package init(reference: SecretReference, reason: String) {
        self.reference = reference
        self.reason = reason
    }

    /// `the secret in file '/run/keys/web' does not exist; …`.
    package var description: String {
        switch reference {
        case .file(let path): "the secret in file '\(VisibleText.line(path, limit: 200))' \(reason)"
        case .environment(let name): "the secret in variable '\(VisibleText.line(name, limit: 200))' \(reason)"
        }
    }
}
