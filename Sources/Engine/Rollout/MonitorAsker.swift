import Checks
import DriverKit
import Model
import Planning

/// Asks a monitor's question once, of a side or of each of its instances.
struct MonitorAsker: Sendable {
    /// One instance and who reaches it.
    struct Member: Sendable {
        var driver: any Driver
        var target: InstanceTarget
    }

    let checker: Checker

    /// Asks a side as a whole, or each of its instances, a few together.
    func answers(
        _ monitor: Monitor, _ side: MonitorSubject.Side, _ members: [Member]
    ) async -> [Weighing.Answer] {
        let isForEach: Bool
        var addresses: [String] = []
        switch monitor.probe {
        case .http(let probe):
            if case .url = probe.address { isForEach = false } else { isForEach = true }
        case .prometheus(let probe):
            isForEach = probe.query.isForEachInstance
            if probe.query.variables.contains(.addresses) {
                for member in members {
                    do throws(DriverFailure) {
                        guard let address = try await member.driver.address(of: nil, member.target) else { break }
                        addresses.append(address)
                    } catch {
                        return [
                            .init(instance: "", reading: .none("\(member.target.instance) cannot be found: \(error)"))
                        ]
                    }
                }
                if addresses.count < members.count { addresses = [] }
            }
        case .command, .container: isForEach = true
        }
        guard let first = members.first else { return [] }
        var subject = MonitorSubject(
            side: side, environment: first.target.environment, workload: first.target.workload,
            instances: members.map(\.target.instance), addresses: addresses)
        guard isForEach else {
            subject.folder = first.target.folder
            return [.init(instance: "", reading: await checker.measure(monitor, of: subject))]
        }
        let whole = subject
        return await withTaskGroup(of: (Int, Weighing.Answer).self) { group in
            var all: [(Int, Weighing.Answer)] = []
            for (place, member) in members.enumerated() {
                if place >= Self.together, let one = await group.next() { all.append(one) }
                group.addTask { (place, await answer(monitor, member, of: whole)) }
            }
            for await one in group { all.append(one) }
            return all.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// How many instances of a side one monitor asks together.
    private static let together = 8

    private func answer(_ monitor: Monitor, _ member: Member, of side: MonitorSubject) async -> Weighing.Answer {
        let target = member.target
        if case .container(let count) = monitor.probe {
            guard let vitals = await member.driver.vitals(target) else {
                let reason = "the driver \(member.driver.description.name) cannot say how \(target.instance) fares"
                return .init(instance: target.instance, reading: .none(reason))
            }
            let number = count == .restarts ? vitals.restarts : vitals.outOfMemory
            return .init(instance: target.instance, reading: .number(Double(number)))
        }
        var port: Int?
        if case .http(let probe) = monitor.probe, case .instances(_, let given) = probe.address { port = given }
        var subject = side
        subject.instance = target.instance
        do throws(DriverFailure) {
            subject.address = try await member.driver.address(of: port, target)
        } catch {
            return .init(instance: target.instance, reading: .none("\(target.instance) cannot be found: \(error)"))
        }
        subject.folder = target.folder
        subject.variables = target.variables
        return .init(instance: target.instance, reading: await checker.measure(monitor, of: subject))
    }
}

extension InstanceTarget {
    /// What commands that ask about it get as variables.
    var variables: [String: String] {
        [
            "RECONCILE_ENVIRONMENT": environment, "RECONCILE_WORKLOAD": workload, "RECONCILE_INSTANCE": instance,
            "RECONCILE_INDEX": String(index), "RECONCILE_DIGEST": deployable.digest.hex, "RECONCILE_COMMIT": commit,
        ]
    }
}
