import DriverKit
import Model
import Processes

extension Conformance {
    var absent: Check {
        Check(name: "absent", text: "what was never applied is absent") {
            let targets = (1...3).map { sample.target(sample.first, $0) }
            for (target, seen) in zip(targets, try await trial.observe(targets)) where seen != .absent {
                throw Trial.Failure(
                    "\(target.instance) of the environment \(target.environment) is \(seen.shown): nothing may be there "
                        + "before; take it away, or name another workload")
            }
        }
    }

    var acts: [Check] {
        let first = sample.target(sample.first)
        return [
            Check(name: "apply", text: "after apply the instance runs at its digest") { try await trial.bring(first) },
            Check(name: "apply-again", text: "a second apply changes nothing") { try await trial.bring(first) },
            Check(name: "health", text: "the instance becomes healthy") { try await becomeHealthy(first) },
            Check(name: "update", text: "another version takes the place of the first") { try await update() },
            Check(name: "independent", text: "several instances at once, each by itself") { try await independent() },
            Check(name: "many", text: "observing many gives each its own answer, in order") { try await many() },
        ]
    }

    var removals: [Check] {
        let target = sample.target(last)
        return [
            Check(name: "remove", text: "after remove the instance is absent") {
                if let failure = await trial.remove(target) { throw Trial.Failure(failure) }
                try await trial.expect(.absent, target, "after remove")
            },
            Check(name: "remove-again", text: "removing what is not there is done") {
                if let failure = await trial.remove(target) { throw Trial.Failure(failure) }
                try await trial.expect(.absent, target, "after remove")
            },
        ]
    }

    /// What the suite cannot reach must not look as if nothing were there.
    var unknown: Check {
        Check(name: "unknown", text: "of what cannot be reached, nothing is claimed") {
            guard let deployable = sample.unreachable else {
                throw Trial.Skip("the sample has no workload named unreachable")
            }
            let target = sample.target(deployable)
            let seen = try await trial.observe(target)
            guard case .unknown(let reason) = seen else {
                throw Trial.Failure("what cannot be reached is \(seen.shown), not unknown")
            }
            if reason.isEmpty { throw Trial.Failure("observe does not say why it is unknown") }
            if await trial.apply(target) == nil { throw Trial.Failure("apply claims to have reached it") }
            if await trial.remove(target) == nil { throw Trial.Failure("remove claims to have reached it") }
        }
    }

    /// Cuts an apply in the middle.
    var cancel: Check {
        Check(name: "cancel", text: "an apply that was cut tells no lie, and the next one repairs it") {
            for (deployable, milliseconds) in [(sample.first, 20), (last, 150)] as [(Deployable, Int)] {
                let target = sample.target(deployable)
                let work = Task { await trial.apply(target) }
                try await Task.sleep(for: .milliseconds(milliseconds))
                work.cancel()
                let failure = await work.value
                let seen = try await patiently(target)
                if failure == nil, seen != .running(deployable.digest.hex) {
                    throw Trial.Failure("a cut apply says that it was done, and the instance is \(seen.shown)")
                }
                try await trial.bring(target)
            }
        }
    }

    /// What is there, asked until it can be seen: a plugin that was killed is not started again at once.
    private func patiently(_ target: InstanceTarget) async throws -> Observation {
        var seen = try await trial.observe(target)
        for _ in 1...20 {
            guard case .unknown = seen else { return seen }
            try await Task.sleep(for: .milliseconds(500))
            seen = try await trial.observe(target)
        }
        throw Trial.Failure("after an apply that was cut the instance is \(seen.shown)")
    }

    private func becomeHealthy(_ target: InstanceTarget) async throws {
        guard driver.asksHealth(block: target.deployable.block) else {
            throw Trial.Skip("the driver asks nothing about health here")
        }
        let end = WallClock.now() + sample.healthyWithin
        while true {
            guard let verdict = await trial.health(target) else {
                throw Trial.Skip("the driver asks nothing about health")
            }
            switch verdict {
            case .pass: return
            case .fail(let reason), .inconclusive(let reason):
                if WallClock.now() > end {
                    throw Trial.Failure("it was not healthy within \(sample.healthyWithin): \(reason)")
                }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func update() async throws {
        guard let second = sample.second else {
            throw Trial.Skip("the sample has no second version of \(sample.workload)")
        }
        let (old, new) = (sample.target(sample.first), sample.target(second))
        guard old.deployable.digest != new.deployable.digest else {
            throw Trial.Failure("both versions of the sample are the same to the driver")
        }
        try await trial.expect(.running(old.deployable.digest.hex), new, "before it was updated")
        try await trial.bring(new)
        // Asked about the old version, it must still say what is there.
        try await trial.expect(.running(new.deployable.digest.hex), old, "after it was updated")
    }

    private func independent() async throws {
        let targets = (1...3).map { sample.target(last, $0) }
        let failures = await withTaskGroup(of: String?.self) { group in
            for target in targets { group.addTask { await trial.apply(target) } }
            return await group.reduce(into: [String]()) { if let failure = $1 { $0.append(failure) } }
        }
        if let failure = failures.first { throw Trial.Failure("apply of several at once failed: \(failure)") }
        for target in targets {
            try await trial.expect(.running(target.deployable.digest.hex), target, "beside the others")
        }
        if let failure = await trial.remove(targets[1]) { throw Trial.Failure("remove failed: \(failure)") }
        for target in [targets[0], targets[2]] {
            try await trial.expect(
                .running(target.deployable.digest.hex), target, "after \(targets[1].instance) was removed")
        }
    }

    private func many() async throws {
        let targets = [3, 2, 1].map { sample.target(last, $0) }
        let running = Observation.running(last.digest.hex)
        let seen = try await trial.observe(targets)
        guard seen == [running, .absent, running] else {
            throw Trial.Failure(
                "of \(targets.map(\.instance).joined(separator: ", ")) the middle one is gone, but they are "
                    + seen.map(\.shown).joined(separator: ", "))
        }
    }
}
