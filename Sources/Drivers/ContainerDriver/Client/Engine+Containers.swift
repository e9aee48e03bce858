import Model
import NIOCore
import NIOHTTP1
import Processes

extension Engine {
    /// How long looking at things may take: what only looks gets no more time than that from us.
    static let glance = TimeSpan.seconds(15)

    /// The containers, whatever their state, that carry all of these labels.
    func list(_ labels: [String: String], timeout: TimeSpan) async throws(EngineError) -> [ListedContainer] {
        let wanted = labels.sorted { $0.key < $1.key }.map { Value.string($0.key + "=" + $0.value) }
        let call = EngineCall(
            name: "list containers", path: "/containers/json",
            query: [("all", "true"), ("filters", Value.map(["label": .list(wanted)]).canonical)],
            timeout: min(timeout, Engine.glance))
        let found = try await ask(call).decoded([ListedContainer].self, call, name)
        // An engine that does not heed a filter must not make ours of what is not.
        return found.filter { container in labels.allSatisfy { container.label($0.key) == $0.value } }
    }

    /// By its name or id; nil where there is none.
    func inspect(container: String, timeout: TimeSpan) async throws(EngineError) -> InspectedContainer? {
        let call = EngineCall(
            name: "inspect \(container)", path: "/containers/\(EngineCall.encode(container))/json",
            timeout: min(timeout, Engine.glance))
        let answer = try await ask(call, accepting: [404])
        return answer.status == 404 ? nil : try answer.decoded(InspectedContainer.self, call, name)
    }

    /// Makes a container and gives its id, and what the engine warns of.
    func create(
        _ container: String, _ body: [UInt8], timeout: TimeSpan
    ) async throws(EngineError) -> (id: String, warnings: [String]) {
        struct Answer: Decodable {
            var Id: String
            var Warnings: [String]?
        }
        let call = EngineCall(
            name: "create \(container)", method: .POST, path: "/containers/create", query: [("name", container)],
            body: body, timeout: timeout)
        let answer = try await ask(call).decoded(Answer.self, call, name)
        return (answer.Id, answer.Warnings ?? [])
    }

    /// Puts a container that was made into one more network.
    func connect(_ id: String, to network: String, _ body: [UInt8], timeout: TimeSpan) async throws(EngineError) {
        _ = try await ask(
            EngineCall(
                name: "connect to the network \(VisibleText.line(network, limit: 80))", method: .POST,
                path: "/networks/\(EngineCall.encode(network))/connect", body: body, timeout: timeout))
    }

    /// Starts a container; one that runs is left alone.
    func start(_ id: String, named name: String, timeout: TimeSpan) async throws(EngineError) {
        _ = try await ask(
            EngineCall(name: "start \(name)", method: .POST, path: "/containers/\(id)/start", timeout: timeout),
            accepting: [304])
    }

    /// Asks a container to end, and kills it after `grace`. False where there is none.
    func stop(_ id: String, named name: String, grace: TimeSpan, timeout: TimeSpan) async throws(EngineError) -> Bool {
        let seconds = (grace.milliseconds + 999) / 1000
        let call = EngineCall(
            name: "stop \(name)", method: .POST, path: "/containers/\(id)/stop", query: [("t", String(seconds))],
            timeout: TimeSpan(milliseconds: timeout.milliseconds + grace.milliseconds))
        return try await ask(call, accepting: [304, 404]).status != 404
    }

    /// Lets a container run on that was paused.
    func unpause(_ id: String, named name: String, timeout: TimeSpan) async throws(EngineError) {
        _ = try await ask(
            EngineCall(name: "unpause \(name)", method: .POST, path: "/containers/\(id)/unpause", timeout: timeout),
            accepting: [404, 409])
    }

    /// Removes a container and the volumes that have no name; waits where somebody else is at it already. One that is not
    /// there is fine.
    func remove(_ id: String, named name: String, timeout: TimeSpan) async throws(EngineError) {
        let end = Monotonic.now + timeout.milliseconds
        for attempt in 1... {
            let call = EngineCall(
                name: "remove \(name)", method: .DELETE, path: "/containers/\(id)",
                query: [("force", "true"), ("v", "true")],
                timeout: TimeSpan(milliseconds: max(1, end - Monotonic.now)))
            do throws(EngineError) {
                _ = try await ask(call, accepting: [404])
                return
            } catch {
                let pause = Int64(100 * attempt)
                guard error.status == 409, Monotonic.now + pause < end, !Task.isCancelled else { throw error }
                try? await Task.sleep(for: .milliseconds(pause))
            }
        }
    }

    /// The last lines that a container said.
    func logs(_ id: String, lines: Int, timeout: TimeSpan) async throws(EngineError) -> [UInt8] {
        let call = EngineCall(
            name: "read the logs", path: "/containers/\(id)/logs",
            query: [("stdout", "true"), ("stderr", "true"), ("tail", String(lines))],
            timeout: min(timeout, Engine.glance), limit: 1 << 20)
        return LogText.plain(Array(try await ask(call).body.readableBytesView))
    }

    /// Runs a container's health check now. Only Podman has this, and needs it: by itself it asks by timers of systemd.
    func askHealth(_ container: String, timeout: TimeSpan) async throws(EngineError) -> String? {
        struct Answer: Decodable { var Status: String? }
        let call = EngineCall(
            name: "ask for the health of \(container)",
            path: "/libpod/containers/\(EngineCall.encode(container))/healthcheck", timeout: timeout)
        let answer = try await ask(call, accepting: [404, 409])
        return answer.status == 200 ? try answer.decoded(Answer.self, call, name).Status : nil
    }
}
