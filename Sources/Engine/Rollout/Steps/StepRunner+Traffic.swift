import DriverKit
import History
import Model
import Planning
import Processes
import Traffic

/// What shares requests out.
extension StepRunner {
    /// Shares a workload's requests out as the routing says, by its balancer or by what its driver has. A balancer that is
    /// away is waited for about half a minute; one that is only to let go then holds nothing up any more.
    func shift(_ step: Step, _ routing: Routing, _ context: Context) async -> StepResult {
        var result = StepResult(ending: .cut, detail: "stopped in the middle", commands: [])
        var reason = ""
        for attempt in 0...Self.pauses.count {
            if attempt > 0 {
                context.tell("\(reason); trying again")
                guard !context.stop.isSet, await sleep(Self.pauses[attempt - 1]), !context.stop.isSet else { break }
            }
            do {
                let failure =
                    routing.traffic == .null
                    ? try await route(step, routing, context, &result)
                    : try await balance(step, routing, context, &result)
                guard let failure else {
                    result.ending = .done
                    return result
                }
                reason = failure
            } catch {
                reason = "\(error)"
            }
        }
        if Task.isCancelled { return result }
        if routing.isFarewell, !context.stop.isSet {
            result.ending = .done
            result.detail =
                "\(BalancerPlace.text(of: routing.traffic)) could not be asked and may still send requests to "
                + "instances of \(step.workload ?? "?"): \(reason)"
            if !routing.isFormer { result.traffic = StepResult.Traffic(records: [], isWhole: true) }
            return result
        }
        let sentence = "the traffic of \(step.workload ?? "?") could not be shifted: \(reason)"
        result.ending = .failed(Failure(.act, workload: step.workload, reason: sentence))
        result.detail = sentence
        return result
    }

    /// Has the balancer do it and say what it does. Gives why it could not.
    private func balance(
        _ step: Step, _ routing: Routing, _ context: Context, _ result: inout StepResult
    ) async throws -> String? {
        let (routing, addresses, gone) = try await reachable(step, routing, context)
        let missing = gone.isEmpty ? [] : ["\(gone.joined(separator: ", ")) cannot get any: not running any more"]
        guard gone.isEmpty || !addresses.isEmpty else {
            result.detail = missing.joined()
            return nil
        }
        let report = await router.shift(
            routing, of: step.workload ?? "", addresses: addresses, tell: context.tell)
        let seen = report.observation
        if seen.unknown == nil, !routing.isFormer {
            let now = WallClock.now()
            let rows = seen.instances.map { instance in
                TrafficRecord(
                    workload: step.workload ?? "", instance: instance.name, wanted: Double(instance.wanted) / 100,
                    seen: instance.seen.map { Double($0) / 100 }, at: now)
            }
            result.traffic = StepResult.Traffic(
                records: rows.filter { $0.wanted != 0 || ($0.seen ?? 0) != 0 }, isWhole: true)
        }
        let shares = seen.sides.map { "\($0.name.rawValue) \(Percent.text($0.wanted)) (seen \(Percent.text($0.seen)))" }
        result.detail = ([shares.joined(separator: ", ")] + missing + report.remarks).filter { !$0.isEmpty }
            .joined(separator: "; ")
        return report.failure
    }

    /// Where the members are. Those of the old side that are seen to run no more are left out: nothing that is done about
    /// them later may hang on them.
    private func reachable(
        _ step: Step, _ routing: Routing, _ context: Context
    ) async throws -> (routing: Routing, addresses: [String: String], gone: [String]) {
        let block = TrafficBlock(routing.traffic)
        var routing = routing
        var addresses: [String: String] = [:]
        var gone: [String] = []
        for side in routing.sides {
            // Who is only taken out needs no address: the balancer is told of one that runs no more, too.
            if !routing.isWhole, side.weight == 0 { continue }
            for member in side.members {
                let (driver, target) = try await target(member, of: step, context)
                addresses[member.instance] = try await block.address(of: target, driver)
                guard addresses[member.instance] == nil, side.name == .old else { continue }
                switch await driver.observe([target]).first {
                case .absent?: gone.append(member.instance)
                case .running(let text)? where text != target.deployable.digest.hex: gone.append(member.instance)
                case .running?, .unknown?, nil: break
                }
            }
        }
        for place in routing.sides.indices {
            routing.sides[place].members.removeAll { gone.contains($0.instance) }
        }
        routing.sides.removeAll { $0.members.isEmpty }
        return (routing, addresses, gone)
    }

    /// Has each driver tell its own instances their weight; nobody can see whether it came to that. Gives why it could not.
    private func route(
        _ step: Step, _ routing: Routing, _ context: Context, _ result: inout StepResult
    ) async throws -> String? {
        var targets: [String: [InstanceTarget]] = [:]
        var rows: [TrafficRecord] = []
        for side in routing.sides {
            for member in side.members {
                let (driver, target) = try await target(member, of: step, weight: side.weight, context)
                targets[driver.description.name, default: []].append(target)
                let share = Double(side.weight) / Double(side.members.count)
                rows.append(
                    TrafficRecord(
                        workload: target.workload, instance: target.instance,
                        wanted: routing.isWhole || side.weight == 0 ? share : nil, seen: nil,
                        told: side.weight, at: WallClock.now()))
            }
        }
        for (name, group) in targets.sorted(by: { $0.key < $1.key }) {
            guard let report = await drivers[name]?.route(group) else {
                return "the driver \(name) cannot shift traffic"
            }
            result.commands += report.commands
            if let failure = report.failure { return failure }
        }
        if let failure = try await dismiss(step, routing, context, &rows, &result) { return failure }
        result.traffic = StepResult.Traffic(records: rows, isWhole: routing.isWhole)
        result.detail = routing.weights
        return nil
    }

    /// Tells those that leave that they get nothing, once the others have their share. Gives why that could not be.
    private func dismiss(
        _ step: Step, _ routing: Routing, _ context: Context, _ rows: inout [TrafficRecord],
        _ result: inout StepResult
    ) async throws -> String? {
        var targets: [String: [InstanceTarget]] = [:]
        for member in routing.leaving {
            let (driver, target) = try await target(member, of: step, weight: 0, context)
            targets[driver.description.name, default: []].append(target)
        }
        for (name, group) in targets.sorted(by: { $0.key < $1.key }) {
            // What was not told of any traffic, another driver's or without a command for it, need not be told of none.
            guard let report = await drivers[name]?.route(group) else { continue }
            result.commands += report.commands
            if let failure = report.failure { return failure }
            rows += group.map {
                TrafficRecord(
                    workload: $0.workload, instance: $0.instance, wanted: 0, seen: nil, told: 0, at: WallClock.now())
            }
        }
        return nil
    }
}

extension TrafficBlock {
    /// Where requests reach an instance: as the block says, or else as its driver knows.
    func address(of target: InstanceTarget, _ driver: any Driver) async throws(DriverFailure) -> String? {
        if let address = address(of: target.index) { return address }
        return try await driver.address(of: port, target)
    }
}
