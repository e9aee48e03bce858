import Foundation
import Processes
import Testing

/// Lets only some tests run together, of those that start servers of their own. With all at once a server would get so little
/// of a small machine that what it is tried with cannot wait for it.
package struct FewAtOnce: SuiteTrait, TestTrait, TestScoping {
    private static let slots = Slots(3 * ProcessInfo.processInfo.activeProcessorCount, heedsCancellation: false)

    package let isRecursive = true

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let result = await Self.slots.with { () async -> Result<Void, any Error> in
            do { return .success(try await function()) } catch { return .failure(error) }
        }
        try result.get()
    }
}

extension Trait where Self == FewAtOnce {
    /// See `FewAtOnce`.
    package static var fewAtOnce: FewAtOnce { FewAtOnce() }
}
