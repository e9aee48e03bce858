import Testing

/// What most of these tests do and expect; what is not so is said of the line of the test.
extension ContainerWorld {
    /// Commits a version, and passes: it is in place.
    func deploy(
        _ version: String, _ rollout: String = canary, port: Int? = nil, more: String = "",
        at place: SourceLocation = #_sourceLocation
    ) async throws {
        try await commit(version, rollout, port: port, more: more)
        let run = await pass()
        #expect(run.status == 0, "\(run.output) \(run.errors)", sourceLocation: place)
    }

    /// Passes, and it ends so: `0 applied`.
    @discardableResult
    func expectPass(_ wanted: String, at place: SourceLocation = #_sourceLocation) async -> World.Run {
        let run = await pass()
        #expect(end(run) == wanted, "\(run.output) \(run.errors)", sourceLocation: place)
        return run
    }

    /// Everything is of this version, and whole.
    func expectWhole(
        _ version: String, _ note: @autoclosure () -> String = "", at place: SourceLocation = #_sourceLocation
    ) async throws {
        let flaws = try await flaws(version)
        #expect(flaws.isEmpty, "\(note())", sourceLocation: place)
    }
}
