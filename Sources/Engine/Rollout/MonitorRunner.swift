import Checks
import DriverKit
import Model
import Planning
import Processes

/// Watches a new side for a while: measures its monitors, each at its interval, and asks its instances' health all the
/// time. It ends with the first monitor that fails or the first instance that dies, and else when the time is over and there
/// is enough data.
struct MonitorRunner: Sendable {
    /// How it ended.
    enum Ending: Hashable, Sendable {
        /// Everything was in order to the end; what was measured, one sentence.
        case passed(String)
        case failed(String)
        /// There is no data to judge by.
        case waiting(String)
        /// The task was cancelled.
        case cut
    }

    /// One instance and who reaches it.
    struct Member: Sendable {
        var driver: any Driver
        var target: InstanceTarget
    }

    let checker: Checker
    let watch: Watch
    let canary: [Member]
    let baseline: [Member]
    /// When the watch was first begun, in this process or an earlier one: the time since then counts.
    let since: Timestamp
    /// What was measured before this process went on with it.
    let recorded: [Measurement]
    /// Records measurements; false where that could not be done.
    let record: @Sendable ([Measurement]) async -> Bool
    /// Asks an instance's health once; nil where there is nothing to ask.
    let health: @Sendable (any Driver, InstanceTarget) async -> HealthReport?
    /// Takes a line that says how far it is.
    let tell: @Sendable (String) -> Void

    private enum Event: Sendable {
        case measured(Int, Measurement)
        case health(Int, Verdict)
        case died(String)
        case end
        case cancelled
    }

    func run() async -> Ending {
        let inbox = Inbox<Event>()
        var table = MonitorTable(watch, recorded: recorded, instances: canary.map(\.target.instance))
        var measuring: [Int: Task<Void, Never>] = [:]
        for index in table.active where !table.isDone(index) {
            measuring[index] = Task { await measure(index, into: inbox) }
        }
        var others = canary.indices.map { index in Task { await ask(index, into: inbox) } }
        others.append(
            Task {
                let end = since + watch.span
                while !Task.isCancelled, case let rest = end - WallClock.now(), rest > .zero {
                    try? await Task.sleep(for: rest.duration)
                }
                inbox.put(.end)
            })
        let ending = await withTaskCancellationHandler {
            await follow(inbox, &table, measuring)
        } onCancel: {
            inbox.put(.cancelled)
        }
        let all = others + measuring.values
        for task in all { task.cancel() }
        for task in all { await task.value }
        return ending
    }

    /// What came in together is recorded together, before anything follows from it.
    private func follow(
        _ inbox: Inbox<Event>, _ table: inout MonitorTable, _ measuring: [Int: Task<Void, Never>]
    ) async -> Ending {
        var unrecorded: [Measurement] = []
        while true {
            var ending: Ending?
            var hasNews = false
            for event in await inbox.take() {
                switch event {
                case .measured(let index, let measurement):
                    unrecorded.append(measurement)
                    table.add(measurement, of: index)
                    hasNews = true
                case .health(let index, let verdict): table.saw(verdict, of: index)
                case .died(let reason): ending = ending ?? .failed(reason)
                case .end: break
                case .cancelled: ending = ending ?? .cut
                }
            }
            if !unrecorded.isEmpty, await record(unrecorded) { unrecorded = [] }
            let elapsed = WallClock.now() - since
            if hasNews { tell("\(table.line), after \(MonitorRunner.shown(elapsed)) of \(watch.span)") }
            if let ending = ending ?? table.ending(elapsed: elapsed) { return ending }
            for (index, task) in measuring where table.isDone(index) { task.cancel() }
        }
    }

    private static func shown(_ span: TimeSpan) -> TimeSpan {
        TimeSpan(milliseconds: span.milliseconds / 1000 * 1000)
    }

    // MARK: - Measuring

    private func measure(_ index: Int, into inbox: Inbox<Event>) async {
        let monitor = watch.monitors[index]
        var next = max(since + monitor.initialDelay, WallClock.now())
        while !Task.isCancelled {
            do { try await Task.sleep(for: max(next - WallClock.now(), .zero).duration) } catch { return }
            let compares = monitor.baseline != nil && !baseline.isEmpty
            async let new = answers(monitor, .canary, canary)
            async let old = compares ? answers(monitor, .baseline, baseline) : []
            let (canary, baseline) = (await new, await old)
            if Task.isCancelled { return }
            let now = WallClock.now()
            inbox.put(.measured(index, Weighing.measurement(monitor, at: now, canary: canary, baseline: baseline)))
            next = max(next + monitor.interval, now)
        }
    }

    /// Asks a side as a whole, or each of its instances, a few together.
    private func answers(
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

    // MARK: - Health

    /// Asks one instance's health again and again. One that does not run any more has died.
    private func ask(_ index: Int, into inbox: Inbox<Event>) async {
        let (driver, target) = (canary[index].driver, canary[index].target)
        let interval = target.deployable.health?.interval ?? .seconds(1)
        while !Task.isCancelled {
            let vitals = await driver.vitals(target)
            if let vitals, !vitals.isRunning {
                return inbox.put(.died("\(target.instance) does not run any more"))
            }
            var verdict = await health(driver, target)?.verdict
            if verdict == nil && vitals == nil {
                // Nobody else has looked at it.
                switch await driver.observe([target]).first {
                case .running(target.deployable.digest.hex)?: break
                case .running?, .absent?: return inbox.put(.died("\(target.instance) does not run any more"))
                case .unknown(let reason)?: verdict = .inconclusive(reason)
                case nil: verdict = .inconclusive("the driver gave no answer")
                }
            }
            if Task.isCancelled { return }
            inbox.put(.health(index, verdict ?? .pass))
            do { try await Task.sleep(for: interval.duration) } catch { return }
        }
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
