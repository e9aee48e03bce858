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

    typealias Member = MonitorAsker.Member

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
            let asker = MonitorAsker(checker: checker)
            async let new = asker.answers(monitor, .canary, canary)
            async let old = compares ? asker.answers(monitor, .baseline, baseline) : []
            let (canary, baseline) = (await new, await old)
            if Task.isCancelled { return }
            let now = WallClock.now()
            inbox.put(.measured(index, Weighing.measurement(monitor, at: now, canary: canary, baseline: baseline)))
            next = max(next + monitor.interval, now)
        }
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
