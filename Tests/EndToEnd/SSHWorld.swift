import Foundation
import Model
import Processes
import TestSupport
import Testing

/// A world with hosts: each a real sshd on loopback, with `app/version` of a workload `web` below its own folder.
struct SSHWorld {
    let world: World
    let fleet: SSHFleet
    let names: [String]

    /// Hosts `h0`, `h1`, …; those with an even number are in zone a, the others in zone b.
    static func with(_ count: Int = 10, _ body: (SSHWorld) async throws -> Void) async throws {
        try await World.with { world in
            let names = (0..<count).map { "h\($0)" }
            try await SSHFleet.with(names) { fleet in
                try await body(SSHWorld(world: world, fleet: fleet, names: names))
            }
        }
    }

    /// Commits the environment with version `version` of the workload. On a host where a file `refuses` is, no version
    /// is healthy that a line of it matches. `files` are more entries, with their indent; `before` is a script that each
    /// host runs after a change, before it notes the version in `acts`.
    func commit(
        _ version: String, hosts selection: String = "all", rollout: String = "max_parallel: 4", policy: String = "",
        deadline: String = "5m", files: String = "", before: String = "", timeout: String = "5m"
    ) async throws {
        var lines: [String] = []
        for (number, name) in names.enumerated() {
            let host = try await fleet.host(name)
            lines.append(
                "  \(name): {address: 127.0.0.1, port: \(host.port), user: root, labels: {zone: \(number % 2 == 0 ? "a" : "b")}, vars: {ROOT: \(host.root)}}"
            )
        }
        try await world.repository.commit([
            "keys/known_hosts": await fleet.knownHosts,
            "staging/environment.yaml": World.environment(
                "hosts:", lines.joined(separator: "\n"),
                "ssh: {known_hosts: keys/known_hosts, identity: \(fleet.identity), connect_timeout: 60s}", policy),
            "staging/web.yaml": """
            kind: Workload
            name: web
            driver: ssh
            hosts: \(selection)
            rollout: {min_healthy_time: 0s, healthy_deadline: \(deadline), \(rollout)}
            ssh:
              timeout: \(timeout)
              files:
                - {path: "{{ ROOT }}/app", directory: true}
                - {path: "{{ ROOT }}/app/version", content: "\(version)\\n"}
            \(files)
              commands:
                - name: note
                  on_change: ["{{ ROOT }}/app/version"]
                  apply: |
                    \(before.split(separator: "\n").joined(separator: "\n        "))
                    cat "$ROOT/app/version" >>"$ROOT/acts"
              health: test ! -e "$ROOT/refuses" || ! grep -qxf "$ROOT/refuses" "$ROOT/app/version"

            """,
        ])
    }

    func pass(_ arguments: String..., environment: [String: String] = [:]) async -> World.Run {
        await world.reconcile(arguments + ["-o", "json"], environment: environment)
    }

    /// What is in a file of a host; nil where it is not there.
    func read(_ path: String, on name: String) async -> String? {
        guard let root = try? await fleet.host(name).root else { return nil }
        return (try? String(contentsOfFile: root + "/" + path, encoding: .utf8))?.trimmingCharacters(in: .newlines)
    }

    func write(_ path: String, _ text: String, on name: String) async throws {
        try text.write(toFile: try await fleet.host(name).root + "/" + path, atomically: true, encoding: .utf8)
    }

    func delete(_ path: String, on name: String) async throws {
        try FileManager.default.removeItem(atPath: try await fleet.host(name).root + "/" + path)
    }

    /// The version on each host, in the order of names; `-` where there is none.
    func versions() async -> String {
        var all = ""
        for name in names { all += await read("app/version", on: name) ?? "-" }
        return all
    }

    /// How a pass ended, and the versions then: `0 applied 2222`.
    func end(_ run: World.Run) async -> String {
        "\(run.status) \((try? run.outcome("staging")) ?? "?") " + (await versions())
    }

    /// The hosts on which versions were put in place, with them in order: `h0 1 2`.
    func acts() async -> [String] {
        var all: [String] = []
        for name in names {
            guard let acts = await read("acts", on: name) else { continue }
            all.append(name + " " + acts.replacingOccurrences(of: "\n", with: " "))
        }
        return all
    }

    func forgetActs() async throws {
        for name in names where await read("acts", on: name) != nil { try await delete("acts", on: name) }
    }
}
