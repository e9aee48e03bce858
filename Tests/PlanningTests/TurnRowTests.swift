import Model
import Testing

@testable import Planning

/// Turns of which some may be under way together.
@Suite struct TurnRowTests {
    private let smoke = Check(.command(.plain("true")))

    /// Six instances that come up two at a time, and what is asked afterwards.
    private func rollout() -> Rollout {
        let policy = RolloutPolicy(maxParallel: .count(2), minHealthyTime: .zero)
        let desired = Fixture.desired(
            [Fixture.workload("web", replicas: 6, rollout: policy)], policy: Policy(smoke: [smoke]))
        return Rollout(Fixture.plan(desired).plan, purpose: .deploy)
    }

    private func begun(_ effects: [Rollout.Effect]) -> [String] {
        effects.compactMap { if case .run(let step) = $0 { step.instance ?? step.kind.rawValue } else { nil } }
    }

    private func id(_ instance: String, _ rollout: Rollout) throws -> Int {
        try #require(rollout.steps.first { $0.instance == instance }?.id)
    }

    /// Whoever is slow holds up nobody; what follows waits for it all the same.
    @Test func aSlowOneHoldsUpNobody() throws {
        var rollout = rollout()
        #expect(begun(rollout.advance(.resume)) == ["web-1", "web-2"])
        for (done, next) in [("web-2", "web-3"), ("web-3", "web-4"), ("web-4", "web-5"), ("web-5", "web-6")] {
            #expect(begun(rollout.advance(.done(try id(done, rollout)))) == [next])
        }
        #expect(begun(rollout.advance(.done(try id("web-6", rollout)))) == [])
        #expect(begun(rollout.advance(.done(try id("web-1", rollout)))) == ["smoke-test"])
    }

    /// A turn that was taken back is the first to begin again, after a restart, too.
    @Test func oneThatWasCutGoesFirst() throws {
        var rollout = rollout()
        _ = rollout.advance(.resume)
        #expect(begun(rollout.advance(.done(try id("web-2", rollout)))) == ["web-3"])
        #expect(begun(rollout.advance(.halt(.ending))) == [])
        #expect(begun(rollout.advance(.done(try id("web-1", rollout)))) == [])
        _ = rollout.advance(.failed(try id("web-3", rollout), Failure(.act, reason: "ended")))
        #expect(rollout.states[try id("web-3", rollout)] == .planned)
        var again = Rollout(rollout.stored, states: rollout.states)
        #expect(begun(rollout.advance(.resume)) == ["web-3", "web-4"])
        #expect(begun(again.advance(.resume)) == ["web-3", "web-4"])
        #expect(begun(again.advance(.done(try id("web-4", again)))) == ["web-5"])
    }
}
