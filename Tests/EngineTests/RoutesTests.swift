import Model
import Planning
import Testing

@testable import Engine

/// What a balancer is told again while a rollout waits.
@Suite struct RoutesTests {
    private func member(_ index: Int) -> Routing.Member {
        Routing.Member(instance: "web-\(index)", index: index, deployable: Digest(ofText: "web"))
    }

    private func side(_ name: Routing.Side.Name, _ members: [Int], _ weight: Int) -> Routing.Side {
        Routing.Side(name, members.map(member), weight: weight)
    }

    private func rollout(_ routings: [Routing], done: Int) -> Rollout {
        let steps = routings.enumerated().map { place, routing in
            Step(
                id: place + 1, kind: .shiftTraffic, workload: "web", instance: nil, index: 0,
                act: .shiftTraffic(routing), after: [], progressDeadline: nil, text: "shift")
        }
        let plan = Plan(environment: "staging", input: Digest(ofText: "i"), commit: "c", steps: steps)
        return Rollout(
            Rollout(plan, purpose: .deploy).stored,
            states: Dictionary(uniqueKeysWithValues: (1...routings.count).map { ($0, $0 <= done ? .done : .planned) }))
    }

    private func routing(_ sides: [Routing.Side], isWhole: Bool) -> Routing {
        Routing(traffic: .map(["haproxy": .string("x")]), sides: sides, isWhole: isWhole)
    }

    @Test func theLastShiftOfAllAndWhatChangedSince() {
        let first = routing([side(.new, [1], 10), side(.old, [2, 3], 90)], isWhole: true)
        let second = routing([side(.new, [1], 50), side(.old, [2, 3], 50)], isWhole: true)
        let leaves = routing([side(.old, [2], 0)], isWhole: false)
        let comes = routing([side(.new, [2], 100)], isWhole: false)
        let gone = routing([side(.old, [3], 0)], isWhole: false)
        let all = [first, second, leaves, comes, gone]
        func told(_ done: Int) -> [Routing] { rollout(all, done: done).shiftsInForce.map(\.routing) }

        #expect(told(0) == [])
        #expect(told(1) == [first])
        #expect(told(2) == [second])
        #expect(told(3) == [routing([side(.new, [1], 50), side(.old, [3], 50)], isWhole: true)], "web-2 has left")
        #expect(told(4) == [second, comes], "web-2 is there again, and never left in between")
        #expect(
            told(5) == [routing([side(.new, [1], 50), side(.old, [2], 50)], isWhole: true), comes])
    }

    @Test func aPlaceThatWasLeftIsToldAgainToLetGo() {
        let left = Routing(traffic: .map(["nginx": .string("y")]), sides: [], isWhole: true)
        let here = routing([side(.new, [1], 100)], isWhole: true)
        #expect(Set(rollout([here, left], done: 2).shiftsInForce.map(\.routing)) == [here, left])
    }

    @Test func whatOnlyDriversAreToldIsNotToldAgain() {
        let routing = Routing(traffic: .null, sides: [side(.new, [1], 100)], isWhole: true)
        #expect(rollout([routing], done: 1).shiftsInForce.isEmpty)
    }
}
