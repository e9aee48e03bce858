import Foundation
import Glibc
import Model
import TestSupport

/// Hosts over real sshd, each with an address and a small web program of its own, behind a real HAProxy.
struct BalancedHosts: Sendable {
    /// Why there can be none here.
    static let missing = HAProxyServer.isInstalled ? nil : "haproxy is not installed"

    let world: World
    let fleet: SSHFleet
    let balancer: HAProxyServer
    let names: [String]
    /// The port of every web program, each at the address of its host.
    let port: Int

    static func with(_ count: Int = 4, _ body: @Sendable (BalancedHosts) async throws -> Void) async throws {
        try await World.behindHAProxy { world, balancer in
            try await SSHFleet.with([]) { fleet in
                let names = (0..<count).map { "h\($0)" }
                for (number, name) in names.enumerated() {
                    _ = try await fleet.add(name, at: "127.0.1.\(number + 1)")
                }
                let here = BalancedHosts(
                    world: world, fleet: fleet, balancer: balancer, names: names, port: try TestServer.freePort())
                do {
                    try await body(here)
                    await here.endPrograms()
                } catch {
                    await here.endPrograms()
                    throw error
                }
            }
        }
    }

    /// Commits the environment with a version of the web program.
    func commit(_ version: String, _ rollout: String, deadline: String = "2m") async throws {
        var hosts: [String] = []
        for name in names {
            let host = try await fleet.host(name)
            hosts.append(
                "  \(name): {address: \(host.address), port: \(host.port), user: root, vars: {ROOT: \(host.root)}}")
        }
        let place = "{socket: \(balancer.socket), servers_file: \(balancer.configuration), backend: web}"
        try await world.repository.commit([
            "keys/known_hosts": await fleet.knownHosts,
            "staging/environment.yaml": World.environment(
                "hosts:", hosts.joined(separator: "\n"),
                "ssh: {known_hosts: keys/known_hosts, identity: \(fleet.identity), connect_timeout: 60s}"),
            "web/web.py": Self.program,
            "staging/web.yaml": """
            kind: Workload
            name: web
            driver: ssh
            hosts: all
            health: {http: /, port: \(port), interval: 100ms, timeout: 10s}
            traffic: {port: \(port), haproxy: \(place)}
            rollout: {min_healthy_time: 0s, drain_timeout: 30s, healthy_deadline: \(deadline), \(rollout)}
            ssh:
              vars: {PORT: "\(port)", ADMIN: "\(balancer.socket)"}
              files:
                - {path: "{{ ROOT }}/web.py", source: web/web.py}
                - {path: "{{ ROOT }}/version", content: "\(version)\\n"}
              commands:
                - name: web
                  on_change: ["{{ ROOT }}/version"]
                  apply: /usr/bin/python3 "$ROOT/web.py" replace "$ROOT" "$RECONCILE_ADDRESS" "$PORT" "$ADMIN" "$RECONCILE_HOST"

            """,
        ])
    }

    /// A web program that is replaced by killing it, so that whatever it still answers is lost. Before that it writes into
    /// `touched` which version is to come, how many hosts serve at the balancer, and whether this one does. It refuses to
    /// answer at the version that is in `refuses`.
    private static let program = """
        import http.server, os, signal, socket, subprocess, sys, time

        _, act, root, address, port, admin, host = sys.argv

        def read(name):
            try:
                with open(root + "/" + name) as file:
                    return file.read().strip()
            except FileNotFoundError:
                return ""

        version = read("version")

        def replace():
            with socket.socket(socket.AF_UNIX) as asked:
                asked.connect(admin)
                asked.sendall(b"show servers state web\\n")
                said = b""
                while part := asked.recv(65536):
                    said += part
            rows = [line.split() for line in said.decode().splitlines() if " web.at." in line]
            serving = [row[3] for row in rows if row[6] == "0" and row[7] != "0"]
            mine = "serving" if "web.at." + host in serving else "out"
            with open(root + "/touched", "a") as file:
                file.write(f"{version} {len(serving)} {mine}\\n")
            if old := read("pid"):
                try:
                    os.kill(int(old), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            nothing = subprocess.DEVNULL
            new = subprocess.Popen(
                [sys.executable, sys.argv[0], "serve", *sys.argv[2:]], start_new_session=True,
                stdin=nothing, stdout=nothing, stderr=nothing)
            with open(root + "/pid", "w") as file:
                file.write(str(new.pid))

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                time.sleep(0.03)
                body = version.encode()
                self.send_response(500 if read("refuses") == version else 200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128

        if act == "replace":
            replace()
        else:
            Server((address, int(port)), Handler).serve_forever()

        """

    func pass(_ arguments: String...) async -> World.Run { await world.reconcile(arguments + ["-o", "json"]) }

    func read(_ path: String, on name: String) async throws -> String {
        try String(contentsOfFile: try await fleet.host(name).root + "/" + path, encoding: .utf8)
    }

    func write(_ path: String, _ text: String, on name: String) async throws {
        try text.write(toFile: try await fleet.host(name).root + "/" + path, atomically: true, encoding: .utf8)
    }

    /// How a pass ended, and the versions of all hosts then: `0 applied 2222`.
    func end(_ run: World.Run) async throws -> String {
        var versions = ""
        for name in names {
            versions += try await read("version", on: name).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return "\(run.status) \((try? run.outcome("staging")) ?? "?") \(versions)"
    }

    /// What was there whenever a host was touched, `2 3 out`: the version that came, how many hosts served, and whether
    /// this one did.
    func touches(_ name: String) async throws -> [String] {
        try await read("touched", on: name).split(separator: "\n").map(String.init)
    }

    /// What is not whole: each host has its part of the requests and no more, in the balancer and in the record.
    func flaws() async throws -> [String] {
        var flaws: [String] = []
        let rows = try await balancer.say("show servers state web").split(separator: "\n").dropFirst(2)
            .map { $0.split(separator: " ") }.filter { $0.count > 7 }
        let servers = rows.map { String($0[3]) }.sorted()
        if servers != names.map({ "web.at." + $0 }) { flaws.append("servers: \(servers)") }
        if Set(rows.map { $0[7] }).count != 1 || rows.contains(where: { $0[6] != "0" }) {
            flaws.append("weights: \(rows.map { $0.prefix(8).joined(separator: " ") })")
        }
        let shares = try await world.sql("SELECT instance, seen FROM traffic ORDER BY instance")
        if shares != names.map({ "web@\($0)|\(100 / Double(names.count))" }) { flaws.append("traffic: \(shares)") }
        return flaws
    }

    private func endPrograms() async {
        for name in names {
            guard let text = try? await read("pid", on: name), let pid = pid_t(text), pid > 1 else { continue }
            kill(pid, SIGKILL)
        }
    }
}
