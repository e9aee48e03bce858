import Foundation
import Model
import Testing

@testable import Manifests

/// `hosts`, `groups` and `ssh` of an environment, and which hosts a workload is on.
@Suite struct InventoryTests {
    static let fleet = DriverDescription(
        name: "fleet", block: [Schema.Field("files", .list(.plain), "")], placement: .onHosts,
        claims: { block in
            block["files"].list.compactMap(\.string).map {
                $0.replacing("ROOT", with: block["host"]["vars"]["ROOT"].string ?? "")
            }
        })

    static let hosts = """
        kind: Environment
        hosts:
          alpha: {address: 10.0.0.1, labels: {role: web, zone: b}, vars: {ROOT: srv}}
          beta: {address: 10.0.0.2, port: 2222, user: deploy, jump: ops@bastion.example:22, labels: {role: web, zone: a}}
          gamma: {address: 10.0.0.3, labels: {role: db, zone: a}, become: none}
        groups:
          front: [alpha, beta]
          cold: {hosts: {zone: a}, labels: {store: cold}, vars: {ROOT: mnt, KEY: {secret: {env: KEY}}}}
        ssh: {known_hosts: keys/known_hosts, identity: /etc/keys/id, become: sudo, connect_timeout: 3s}

        """

    private static func parse(
        _ workloads: [String: String], policy: String = hosts, name: String = "staging"
    ) -> ManifestParser.Result {
        let parser = ManifestParser(drivers: [Sample.shell, fleet], prefix: "")
        var files = workloads
        files["environment.yaml"] = policy
        let entries = files.map { Sample.entry("\(name)/\($0.key)", $0.value) }.sorted { $0.path < $1.path }
        return parser.environment(
            EnvironmentFolder(name: name, path: name, tree: "t"), entries: entries,
            contents: files.values.reduce(into: [:]) { $0[$1] = Array($1.utf8) })
    }

    private static func workload(_ name: String, _ more: String, files: String = "[]") -> String {
        "kind: Workload\nname: \(name)\ndriver: fleet\nfleet: {files: \(files)}\n\(more)\n"
    }

    private func problems(_ more: String, policy: String = hosts) -> [String] {
        Self.parse(["web.yaml": Self.workload("web", more)], policy: policy).problems.map(\.diagnostic)
    }

    @Test func hostsGetWhatTheirGroupsSay() throws {
        let inventory = try #require(Self.parse([:]).environment).inventory
        #expect(inventory.hosts.map(\.name) == ["alpha", "beta", "gamma"])
        #expect(inventory.groups == ["front": ["alpha", "beta"], "cold": ["beta", "gamma"]])
        let beta = inventory.hosts[1]
        #expect(beta.labels == ["role": "web", "zone": "a", "store": "cold"] && beta.groups == ["cold", "front"])
        #expect(beta.vars["ROOT"] == .string("mnt") && inventory.hosts[0].vars["ROOT"] == .string("srv"))
        let value = inventory.value(of: beta, knownHosts: "keys")
        #expect(value["port"] == .int(2222) && value["user"] == .string("deploy") && value["become"] == .string("sudo"))
        #expect(value["jump"] == .string("ops@bastion.example:22") && value["identity"] == .string("/etc/keys/id"))
        #expect(value["connect_timeout"] == .int(3000) && value["known_hosts"] == .string("keys"))
        #expect(inventory.value(of: inventory.hosts[2])["become"] == .null)
        #expect(inventory.value(of: inventory.hosts[2])["port"] == .null)
    }

    @Test(arguments: [
        ("hosts: {role: web}", ["web@alpha", "web@beta"]), ("hosts: [gamma, alpha]", ["web@alpha", "web@gamma"]),
        ("hosts: front", ["web@alpha", "web@beta"]), ("hosts: all", ["web@alpha", "web@beta", "web@gamma"]),
        ("hosts: {role: web, zone: a}", ["web@beta"]), ("hosts: {store: cold}", ["web@beta", "web@gamma"]),
        ("hosts: all\nrollout: {batch_by: zone}", ["web@beta", "web@gamma", "web@alpha"]),
    ])
    func selectionsMeanHosts(_ text: String, _ instances: [String]) throws {
        let workload = try #require(Self.parse(["web.yaml": Self.workload("web", text)]).environment).workloads[0]
        #expect(workload.instances == instances && workload.replicas == instances.count)
    }

    @Test(arguments: [
        ("hosts: frond", "web.yaml:5:8: error: unknown host or group `frond`: did you mean \"front\"?"),
        ("hosts: [alpha, betta]", "web.yaml:5:16: error: unknown host or group `betta`: did you mean \"beta\"?"),
        (
            "hosts: {role: wep}",
            "web.yaml:5:15: error: this selects nothing: no host has `role: wep`: did you mean \"web\"?"
        ),
        (
            "hosts: {rol: web}",
            "web.yaml:5:9: error: this selects nothing: no host has the label `rol`: did you mean \"role\"?"
        ),
        ("hosts: {role: db, zone: b}", "web.yaml:5:8: error: this selects nothing: no host has all of these labels"),
        ("", "web.yaml:1:1: error: missing key `hosts`"),
        ("hosts: all\nreplicas: 3", "web.yaml:6:1: error: `replicas`"),
        ("hosts: all\nautoscaling: {min: 1, max: 2}", "web.yaml:6:1: error: `autoscaling`"),
        ("hosts: all\nrollout: {strategy: blue-green}", "web.yaml:6:21: error: `rollout.strategy: blue-green` needs"),
        (
            "hosts: all\nrollout: {batch_by: role, max_unavailable: 0}",
            "web.yaml:6:44: error: `rollout.max_unavailable` is 0"
        ),
        (
            "hosts: all\nrollout: {batch_by: store}",
            "web.yaml:6:21: error: `rollout.batch_by`: the host `alpha` has no label `store`"
        ),
    ])
    func selectionsThatAreWrong(_ text: String, _ problem: String) {
        #expect(problems(text).contains { $0.hasPrefix("staging/" + problem) }, "\(problems(text))")
    }

    @Test(arguments: [
        ("hosts:\n  Alpha: {address: a}", "2:3: error: the name `Alpha` cannot be a host's"),
        ("hosts:\n  a: {address: -oProxyCommand=x}", "2:16: error: `hosts.a.address` must be a host's name or address"),
        ("hosts:\n  a: {address: \"a b\"}", "2:16: error: `hosts.a.address` must be"),
        ("hosts:\n  a: {address: \"a\\tb\"}", "2:16: error: `hosts.a.address` must be"),
        ("hosts:\n  a: {address: a, user: -lroot}", "2:25: error: `hosts.a.user` must be a user's name"),
        ("hosts:\n  a: {address: a, jump: \"x -y\"}", "2:25: error: `hosts.a.jump` must be"),
        ("hosts:\n  a: {address: a, jump: \"u@-x:22\"}", "2:25: error: `hosts.a.jump` must be"),
        ("hosts:\n  a: {address: a, jump: \"x:0\"}", "2:25: error: `hosts.a.jump` must be"),
        ("hosts:\n  a: {address: a, jump: \"ops@@x\"}", "2:25: error: `hosts.a.jump` must be HOST, USER@HOST:PORT or"),
        ("hosts:\n  a: {address: a, jump: \"jo@-x@x\"}", "2:25: error: `hosts.a.jump` must be"),
        ("hosts:\n  a: {address: a, jump: \"::1\"}", "2:25: error: `hosts.a.jump` must be"),
        ("ssh: {jump: \"x,\"}", "1:13: error: `ssh.jump` must be"),
        ("hosts:\n  a: {address: a, user: jo@-x}", "2:25: error: `hosts.a.user` must be a user's name"),
        ("hosts:\n  a: {address: a, identity: id}", "2:29: error: `hosts.a.identity` must be an absolute path"),
        ("hosts:\n  a: {address: A}\n  b: {address: a, port: 22}", "3:16: error: a port 22 is the host `a` already"),
        ("hosts:\n  a: {address: a, vars: {a-b: x}}", "2:26: error: the variable `a-b` must be a name"),
        ("hosts:\n  a: {address: a}\ngroups: {a: [a]}", "3:10: error: the group `a` is named like a host"),
        ("hosts:\n  a: {address: a}\ngroups: {all: [a]}", "3:10: error: the group `all` is there already"),
        ("hosts:\n  abc: {address: a}\ngroups: {g: [abd]}", "3:14: error: unknown host `abd`: did you mean \"abc\"?"),
        (
            "hosts:\n  a: {address: a}\ngroups:\n  g: {hosts: [a], vars: {X: 1}}\n  h: {hosts: [a], vars: {X: 2}}",
            "5:26: error: the groups `g` and `h` give the host `a` different values of the variable `X`"
        ),
        ("ssh: {known_hosts: /etc/x}", "1:20: error: the path `/etc/x` is absolute"),
    ])
    func inventoriesThatAreWrong(_ text: String, _ problem: String) {
        let found = Self.parse([:], policy: text + "\nkind: Environment\n").problems.map(\.diagnostic)
        #expect(found.contains { $0.hasPrefix("staging/environment.yaml:" + problem) }, "\(found)")
    }

    @Test func otherDriversKnowNoHosts() {
        let text = Sample.workload("web", "hosts: all\nrollout: {first: 1}")
        let found = Self.parse(["web.yaml": text]).problems.map(\.message)
        #expect(found.contains { $0.hasPrefix("`hosts`: the shell driver places no instances on hosts") }, "\(found)")
        #expect(found.contains { $0.hasPrefix("`rollout.first` is about hosts") }, "\(found)")
    }

    @Test func oneFileOfAHostHasOneOwner() throws {
        let two = Self.parse([
            "a.yaml": Self.workload("a", "hosts: [alpha]", files: "[/etc/x, /ROOT/y]"),
            "b.yaml": Self.workload("b", "hosts: front", files: "[/srv/y]"),
        ])
        #expect(two.environment == nil)
        #expect(
            two.problems.map(\.diagnostic) == [
                "staging/b.yaml:2:1: error: b and a both have /srv/y on the host alpha (10.0.0.1): one of them has to leave it out"
            ], "\(two.problems)")
        for (mine, others) in [("/srv/web", "/srv/web/a/b"), ("/srv/web/a/b", "/srv/web")] {
            let inside = Self.parse([
                "a.yaml": Self.workload("a", "hosts: all", files: "[/srv/we, \(others)]"),
                "b.yaml": Self.workload("b", "hosts: [alpha]", files: "[/srv/web2, \(mine)]"),
            ])
            #expect(
                inside.problems.map(\.message) == [
                    "b has \(mine) and a has \(others), one inside the other, on the host alpha (10.0.0.1): "
                        + "one of them has to leave it out"
                ], "\(inside.problems)")
        }
        let environments = try ["staging", "production"].map { name in
            try #require(
                Self.parse(["a.yaml": Self.workload("a", "hosts: all", files: "[/etc/x]")], name: name).environment)
        }
        let found = HostClaims.problems(in: environments, drivers: [Self.fleet], prefix: "deploy/")
        #expect(
            found["staging"]?.map(\.diagnostic) == [
                "deploy/staging/a.yaml:2:1: error: a and a of the environment production both have /etc/x on the host alpha "
                    + "(10.0.0.1): one of them has to leave it out"
            ], "\(found)")
        #expect(found["production"] == nil)
    }

    /// Two sites may number their networks alike, and two configurations of ssh may call different machines the same.
    @Test(arguments: [
        ("jump: bastion-eu", "jump: bastion-us", false), ("jump: bastion-eu", "", false),
        ("config: /etc/eu", "config: /etc/us", false),
        ("jump: \"ops@Bastion-eu:22,b\"", "jump: \"bastion-eu,me@b\"", true),
        ("jump: \"[fd00::1]:22,[b]\"", "jump: \"jo@corp@[FD00::1],b:022\"", true),
        ("jump: \"[::1]:2222\"", "jump: \"[::1]\"", false), ("port: 22", "", true),
        ("jump: \"b:2222\"", "jump: b", false), ("config: /etc/eu, jump: a", "config: /etc/eu, jump: a", true),
    ])
    func theWayToAHostTellsItApart(_ mine: String, _ other: String, _ isSame: Bool) throws {
        let environments = try [("eu", mine), ("us", other)].map { name, ssh in
            let policy = "kind: Environment\nhosts:\n  a: {address: 10.0.0.5}\nssh: {\(ssh)}\n"
            let files = ["a.yaml": Self.workload("a", "hosts: all", files: "[/etc/app.conf]")]
            return try #require(Self.parse(files, policy: policy, name: name).environment)
        }
        let found = HostClaims.problems(in: environments, drivers: [Self.fleet], prefix: "")
        #expect(found.keys.sorted() == (isSame ? ["us"] : []), "\(found)")
    }

    @Test func oneEnvironmentMayHaveTwoSites() {
        let text = "kind: Environment\nhosts:\n  a: {address: x, jump: eu}\n  b: {address: x, jump: us}\n"
        #expect(Self.parse([:], policy: text).problems.isEmpty)
        let same = text + "  c: {address: x}\nssh: {jump: \"me@us:22\"}\n"
        #expect(Self.parse([:], policy: same).problems.map(\.line) == [5])
    }

    /// What `docs/inventory.md` shows is what is read.
    @Test func thePagesExamplesAreRight() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try String(contentsOfFile: "/\(root)/docs/inventory.md", encoding: .utf8)
        let blocks = page.components(separatedBy: "```yaml\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(blocks.count == 3)
        let environment = try #require(Self.parse([:], policy: blocks[0]).environment)
        #expect(environment.inventory.byName["alpha"]?.vars["NTP"] == .string("ntp-a.example"))
        let selected = try blocks[1].split(separator: "\n").map { line in
            let text = Self.workload("web", String(line))
            return try #require(Self.parse(["web.yaml": text], policy: blocks[0]).environment).workloads[0].hosts
        }
        #expect(selected == [["alpha"], ["alpha", "beta"], ["alpha", "beta", "db"]])
        let text = Self.workload("web", "hosts: all\n" + blocks[2])
        let rollout = try #require(Self.parse(["web.yaml": text], policy: blocks[0]).environment).workloads[0].rollout
        #expect(rollout.first == .count(1) && rollout.maxUnreachable == .count(2) && rollout.batchBy == "zone")
    }

    @Test func oldRecordsHaveNoHosts() throws {
        let environment = try #require(Self.parse(["a.yaml": Self.workload("a", "hosts: all")]).environment)
        let both = try StoredShape.roundTrip(environment, without: ["inventory"])
        #expect(both.same == environment && both.older.inventory == Inventory())
    }

    @Test func hostKeysAreSharedOut() {
        let text = KnownHostsText(
            """
            # made by ssh-keyscan
            10.0.0.1 ssh-ed25519 AAAA1
            [10.0.0.2]:2222,10.0.0.2 ssh-ed25519 AAAA2
            bastion.example ssh-ed25519 AAAA3
            |1|salt|hash ssh-ed25519 AAAA4
            *.example,!x.example ssh-ed25519 AAAA5
            @cert-authority 10.0.0.2 ssh-ed25519 AAAA6
            """)
        let part = text.part(for: "10.0.0.1", others: ["10.0.0.2", "10.0.0.3"])
        #expect(part.contains("AAAA1") && !part.contains("AAAA2") && part.contains("AAAA3"))
        #expect(part.contains("AAAA4") && part.contains("AAAA5") && part.contains("AAAA6"))
        let other = text.part(for: "10.0.0.2", others: ["10.0.0.1"])
        #expect(other.contains("AAAA2") && !other.contains("AAAA1"))
    }
}

/// A value as it is stored, and as an older version would have stored it.
enum StoredShape {
    static func roundTrip<T: Codable>(_ value: T, without keys: Set<String>) throws -> (same: T, older: T) {
        let data = try JSONEncoder().encode(value)
        var map = try JSONDecoder().decode(Value.self, from: data).map
        let same = try JSONDecoder().decode(T.self, from: data)
        for key in keys { map[key] = nil }
        return (same, try JSONDecoder().decode(T.self, from: JSONEncoder().encode(Value.map(map))))
    }
}
