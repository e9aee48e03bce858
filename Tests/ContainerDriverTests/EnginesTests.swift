import Model
import Processes
import Testing

@testable import ContainerDriver

/// Which engines are kept.
@Suite(.timeLimit(.minutes(1))) struct EnginesTests {
    private func access(_ number: Int) -> EngineAccess {
        EngineAccess(address: .unix("/nowhere/\(number)"), tls: nil)
    }

    @Test func oneThatNobodyAsksForIsForgotten() async throws {
        let engines = Engines(runner: ProcessRunner(), environment: [:], patience: TimeSpan(milliseconds: 100))
        let old = await engines.engine(access(1))
        #expect(await engines.engine(access(1)) === old)
        var changes = await engines.changes().makeAsyncIterator()
        try await Task.sleep(for: .milliseconds(150))
        let new = await engines.engine(access(2))
        var told: [String] = []
        for _ in 1...3 {
            switch await changes.next() {
            case .came(let engine)?: told.append("came " + engine.name)
            case .went(let engine)?: told.append("went " + engine.name)
            case nil: told.append("nothing")
            }
        }
        #expect(told == ["came \(old.name)", "came \(new.name)", "went \(old.name)"])
        #expect(await engines.engine(access(1)) !== old)
        await engines.close()
    }
}
