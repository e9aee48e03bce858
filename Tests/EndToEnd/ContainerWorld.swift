import Foundation
import Model
import TestSupport

/// A world whose one environment is containers of a real engine behind a real HAProxy.
struct ContainerWorld: Sendable {
    /// Why there can be none here.
    static let missing =
        DockerEngine.missing ?? (HAProxyServer.isInstalled ? nil : "haproxy is not installed")

    let world: World
    let engine: ContainerEngine
    let balancer: HAProxyServer
    /// The environment's name: the engine is shared.
    let name: String
    /// How the engine is called in manifests.
    let address: String
    /// How many containers.
    var replicas = 2

    /// `address` is where the engine is reached, if not at its own socket.
    static func with(
        _ engine: ContainerEngine? = nil, address: String? = nil,
        _ body: @Sendable (ContainerWorld) async throws -> Void
    ) async throws {
        let engine = if let engine { engine } else { try await DockerEngine.shared() }
        try await WebImages.load(into: engine)
        try await World.behindHAProxy(["web", "other"]) { world, balancer in
            let name = "e-\(UInt32.random(in: 0...UInt32.max))"
            let here = ContainerWorld(
                world: world, engine: engine, balancer: balancer, name: name, address: address ?? engine.address)
            do {
                try await world.repository.commit(["\(name)/environment.yaml": World.environment()])
                try await body(here)
                try await engine.clear(name)
            } catch {
                try? await engine.clear(name)
                throw error
            }
        }
    }

    static let canary = "strategy: canary, steps: [{weight: 50%}, {pause: 200ms}]"
    static let asking = "strategy: canary, steps: [{weight: 50%}, {approve: \"is it good?\"}]"

    /// Commits a version: the image's tag. `value` makes another version of the same image; `port` is what the container's
    /// port is published as, and `more` further keys of the workload.
    func commit(
        _ version: String, _ rollout: String = canary, value: String = "", deadline: String = "1m",
        traffic: String = "backend: web", port: Int? = nil, interval: String = "100ms", more: String = ""
    ) async throws {
        let block = "{haproxy: {socket: \(balancer.socket), servers_file: \(balancer.configuration), \(traffic)}}"
        try await world.repository.commit([
            "\(name)/web.yaml": """
            kind: Workload
            name: web
            driver: container
            replicas: \(replicas)
            container:
              engine: \(address)
              image: \(WebImages.name):\(version)
              pull: never
              labels: {version: "\(version)"}
              env: {VALUE: "\(value)"}
              ports: [{container: 8080\(port.map { ", host: \($0)" } ?? "")}]
            health: {http: /, port: 8080, interval: \(interval), timeout: 5s}
            rollout: {min_healthy_time: 0s, max_parallel: 2, drain_timeout: 30s, healthy_deadline: \(deadline), \(rollout)}
            \(traffic.isEmpty ? "" : "traffic: \(block)")
            \(more)
            """
        ])
    }

    func pass(environment: [String: String] = [:]) async -> World.Run { await world.pass(environment: environment) }

    /// Passes until one ends with everything at one version, ten at most; the last one.
    func settled() async throws -> World.Run {
        var last = await pass()
        for _ in 1..<10 where last.status != 0 && last.status != 3 {
            try await Task.sleep(for: .milliseconds(200))
            last = await pass()
        }
        return last
    }

    /// The status and the outcome of a pass, `0 applied`.
    func end(_ run: World.Run) -> String { "\(run.status) \((try? run.outcome(name)) ?? "")" }

    /// The image's tag of every container of the environment, stopped ones too.
    func versions() async throws -> [String] {
        try await engine.docker(
            "ps", "--all", "--filter", "label=reconcile.environment=\(name)", "--format",
            #"{{.Label "version"}} {{.State}}"#
        ).split(separator: "\n").map { line in
            line.hasSuffix(" running") ? String(line.dropLast(8)) : String(line)
        }.sorted()
    }

    /// Which versions answer at the balancer, and what went wrong there.
    func answers() async -> (versions: Set<String>, failures: [String]) {
        let tally = await Load(port: balancer.port, isKept: false).run(20, connections: 2)
        return (
            Set(tally.answers.keys.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }), tally.failures
        )
    }

    /// What is not whole: every container is of this version, as many as there should be, and they answer all requests.
    func flaws(_ version: String) async throws -> [String] {
        var flaws: [String] = []
        let there = try await versions()
        if there != Array(repeating: version, count: replicas) { flaws.append("containers: \(there)") }
        let (answering, failures) = await answers()
        if answering != [version] || !failures.isEmpty { flaws.append("answers: \(answering) \(failures.prefix(3))") }
        let shares = try await world.sql("SELECT instance, seen FROM traffic ORDER BY instance")
        if shares.count != replicas { flaws.append("traffic: \(shares)") }
        let rows = try await balancer.say("show servers state web").split(separator: "\n").dropFirst(2)
            .map { $0.split(separator: " ") }.filter { $0.count > 7 }
        // As many servers, all of one weight, and none of them out of service.
        if rows.count != replicas || Set(rows.map { $0[7] }).count != 1 || rows.contains(where: { $0[6] != "0" }) {
            flaws.append("servers: \(rows.map { $0.prefix(8).joined(separator: " ") })")
        }
        return flaws
    }
}

/// The images of these tests, given to each engine once.
actor WebImages {
    static let name = "reconcile.test/site"

    private static let shared = WebImages()
    private var loading: [String: Task<Void, any Error>] = [:]

    static func load(into engine: ContainerEngine) async throws { try await shared.load(into: engine) }

    private func load(into engine: ContainerEngine) async throws {
        if let task = loading[engine.folder] { return try await task.value }
        let task = Task {
            let www = ["www/index.html": "dying\n"]
            for image in [
                TestImage.web("\(Self.name):1", version: "1"), .web("\(Self.name):2", version: "2"),
                .web("\(Self.name):3", version: "3"),
                .failing("\(Self.name):failing", code: 7, says: "no configuration"),
                TestImage(
                    "\(Self.name):greedy",
                    command: [
                        "sh", "-c",
                        "httpd -p 8080 -h /www; until [ -e /tmp/go ]; do sleep 0.1; done; exec dd if=/dev/zero of=/dev/null bs=256M",
                    ],
                    files: www, more: #""ExposedPorts": {"8080/tcp": {}}"#),
                TestImage("\(Self.name):deaf", command: ["sleep", "1000"], more: #""ExposedPorts": {"8080/tcp": {}}"#),
                TestImage(
                    "\(Self.name):dying", command: ["sh", "-c", "httpd -p 8080 -h /www; sleep 3; exit 1"], files: www,
                    more: #""ExposedPorts": {"8080/tcp": {}}"#),
            ] { try await engine.load(image) }
        }
        loading[engine.folder] = task
        try await task.value
    }
}
