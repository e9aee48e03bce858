import History
import Model
import Planning
import Processes

/// The loop: the source is asked at its interval and when woken; every environment passes at its own interval, when
/// its revision changed, when it is woken and when one that it comes after has passed.
extension SourceReconciler {
    /// Runs until `end` was called and every environment stopped at a step boundary.
    func run() async {
        var trigger = Trigger.start
        while !isEnding {
            let task = Task { await self.look() }
            looking = task
            if let found = await task.value.0, !isEnding { await publish(found, trigger) }
            looking = nil
            if isEnding { break }
            trigger = await next(sourceMail, after: origin.interval, otherwise: .poll)
        }
        for life in lives.values { await life.value }
        await rest()
        lives = [:]
        mailboxes = [:]
    }

    /// Lets every rollout stop at its next step boundary and begins nothing more.
    func end() {
        isEnding = true
        looking?.cancel()
        for environment in environments.values { environment.line.halt(.ending) }
        for mailbox in mailboxes.values { mailbox.put(.manual) }
        sourceMail.put(.manual)
    }

    /// Something of these environments changed that may be no act of ours.
    func changed(_ names: Set<String>) {
        for name in names { mailboxes[name]?.put(.drift) }
    }

    /// Waits until nothing is done to any environment, by a pass or by a request.
    func rest() async {
        for environment in environments.values { await environment.rest() }
    }

    private func publish(_ found: Snapshot, _ trigger: Trigger) async {
        let isNew = snapshot?.revision.commit != found.revision.commit
        snapshot = found
        if isNew {
            let means = found.revision.transport.map { " (\($0))" } ?? ""
            let text = "\(found.revision.shown) \(found.revision.subject)\(means)"
            parts.emit(EngineEvent(.fetched, source: origin.name, text: text))
        }
        for name in names(in: found) {
            if lives[name] == nil {
                mailboxes[name] = Inbox()
                lives[name] = Task { await self.live(name, in: found) }
            }
            if isNew { await environments[name]?.consider(found) }
            if isNew || trigger != .poll { mailboxes[name]?.put(trigger) }
        }
        _ = await sayForeign(in: found)
    }

    /// One environment's loop.
    private func live(_ name: String, in found: Snapshot) async {
        guard let mail = mailboxes[name] else { return }
        if environments[name] == nil { await adopt(name, in: found) }
        guard let environment = environments[name] else {
            // Another source's, for now; it is asked again when this one was looked at again.
            if mailboxes[name] === mail { (mailboxes[name], lives[name]) = (nil, nil) }
            return
        }
        while !isEnding, environments[name] === environment {
            let trigger = await next(mail, after: await environment.record.interval, otherwise: .poll)
            guard !isEnding, environments[name] === environment, let snapshot else { continue }
            let before = await environment.predecessors(in: snapshot)
            edges[name] = before
            // One that comes after another passes when that one has: its end is the trigger.
            guard before.allSatisfy({ standings.hasSeen(snapshot, $0) }) else { continue }
            let next = WallClock.now() + (await environment.record.interval)
            // A task keeps as much memory as it ever needed at once, and this one lives as long as the loop.
            let call = call(snapshot, trigger, next: next)
            await withTaskGroup(of: Void.self) { [standings] in
                $0.addTask { _ = await Self.pass(environment, call, standings) }
            }
            for (other, before) in edges where before.contains(name) { mailboxes[other]?.put(trigger) }
        }
        // One that was forgotten may be back already, with another life.
        guard mailboxes[name] === mail else { return }
        mailboxes[name] = nil
        lives[name] = nil
    }

    /// The next trigger: whatever comes first of the mail and the interval, which varies by the jitter.
    private func next(_ mail: Inbox<Trigger>, after interval: TimeSpan, otherwise: Trigger) async -> Trigger {
        let spread = interval.milliseconds * Int64(settings.jitter) / 100
        let wait = interval.milliseconds + (spread > 0 ? Int64.random(in: -spread...spread) : 0)
        let timer = Alarm(WallClock.now() + TimeSpan(milliseconds: max(wait, 1))) { mail.put(otherwise) }
        defer { timer.cancel() }
        let all = await mail.take()
        return all.first { $0 != .poll } ?? otherwise
    }
}
