/// Why a helper of the tests could not do its part: a fault of the test's surroundings, not of what is tested.
package struct TestSupportError: Error, CustomStringConvertible {
    /// What went wrong.
    package let description: String

    /// One sentence.
    package init(_ description: String) { self.description = description }
}
