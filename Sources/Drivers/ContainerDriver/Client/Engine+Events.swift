import FoundationEssentials
import Model
import NIOCore
import Processes
import Synchronization

extension Engine {
    /// What happens to containers that carry a label, until the stream breaks or the task is cancelled. `opened` is
    /// called when nothing can be missed any more.
    func events(
        label: String, of kinds: [String], opened: @Sendable () async -> Void,
        _ heard: @escaping @Sendable (EngineEvent) -> Void
    ) async throws(EngineError) {
        let filters = Value.map([
            "type": .list([.string("container")]), "label": .list([.string(label)]),
            "event": .list(kinds.map(Value.string)),
        ])
        let call = EngineCall(
            name: "listen to events", path: "/events", query: [("filters", filters.canonical)], timeout: Engine.glance)
        let lines = Mutex<[UInt8]>([])
        try await stream(call, idle: nil, opened: opened) { part in
            for byte in part.readableBytesView {
                guard byte == UInt8(ascii: "\n") else {
                    lines.withLock { if $0.count < 65_536 { $0.append(byte) } }
                    continue
                }
                let line = lines.withLock { line in
                    defer { line.removeAll(keepingCapacity: true) }
                    return line
                }
                if let event = try? JSONDecoder().decode(EngineEvent.self, from: Data(line)) { heard(event) }
            }
        }
    }
}
