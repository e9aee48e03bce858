/// One object of the library, freed with its last reference. Not Sendable: it stays on the thread that made it.
final class Handle {
    let pointer: OpaquePointer
    private let free: (OpaquePointer?) -> Void

    /// Runs a call that fills in a pointer, and owns what it gives. Throws what the library says.
    init(
        _ free: @escaping (OpaquePointer?) -> Void, _ make: (inout OpaquePointer?) -> Int32
    ) throws(GitFailure) {
        var made: OpaquePointer?
        try LibGit.check(make(&made))
        guard let made else { throw GitFailure(code: -1) }
        pointer = made
        self.free = free
    }

    deinit { free(pointer) }
}
