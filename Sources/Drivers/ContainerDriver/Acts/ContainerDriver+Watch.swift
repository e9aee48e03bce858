import DriverKit
import Model
import Processes

extension ContainerDriver {
    /// Listens to every engine that was asked for anything, and goes on listening after one was away.
    package func watch(_ changed: @escaping @Sendable (String) -> Void) async {
        var listeners: [ObjectIdentifier: Task<Void, Never>] = [:]
        for await change in await engines.changes() {
            switch change {
            case .came(let engine):
                listeners[ObjectIdentifier(engine)] = Task { await listen(to: engine, changed) }
            case .went(let engine): listeners.removeValue(forKey: ObjectIdentifier(engine))?.cancel()
            }
        }
        for listener in listeners.values { listener.cancel() }
        for listener in listeners.values { await listener.value }
    }

    private static let events = [
        "die", "kill", "oom", "stop", "destroy", "pause", "unpause", "rename", "health_status",
    ]

    private func listen(to engine: Engine, _ changed: @escaping @Sendable (String) -> Void) async {
        let book = book
        var pause = TimeSpan.seconds(1)
        while !Task.isCancelled {
            let start = Monotonic.now
            let opened: @Sendable () async -> Void = {
                // What happened before, or while nobody listened, is told by no event.
                for environment in await engine.environments { changed(environment) }
            }
            try? await engine.events(label: ContainerLabels.environment, of: Self.events, opened: opened) { event in
                guard let attributes = event.Actor?.Attributes, let id = event.Actor?.ID,
                    let environment = attributes[ContainerLabels.environment], Names.isValid(environment),
                    !book.isLeaving(id)
                else { return }
                let action = event.Action ?? ""
                if action.hasPrefix("health_status"), !action.hasSuffix("unhealthy") { return }
                changed(environment)
            }
            // One that was listened to for a while is asked again soon.
            if Monotonic.now - start > 30_000 { pause = .seconds(1) }
            try? await Task.sleep(for: pause.duration)
            pause = min(TimeSpan(milliseconds: pause.milliseconds * 2), .seconds(30))
        }
    }
}
