import Manifests
import Model
import Testing

@Suite struct ConfigurationTests {
    private func parse(_ text: String) -> (configuration: Configuration?, problems: [Problem]) {
        Configuration.parse(Array(text.utf8), file: "reconcile.yaml")
    }

    @Test func everything() throws {
        let result = parse(
            """
            repo: https://git.example/x.git
            branch: release
            path: environments
            state: /var/lib/reconcile
            interval: 5s
            jitter: 0%
            git_timeout: 1m
            user: robot
            token: {secret: {file: /etc/token}}
            parallel: 4
            history: {keep: 50, days: 7}
            notify: [{command: ./tell.sh}]
            """)
        #expect(result.problems == [])
        var expected = Configuration()
        expected.source.repo = "https://git.example/x.git"
        expected.source.branch = "release"
        expected.source.path = "environments"
        expected.state = "/var/lib/reconcile"
        expected.source.interval = .seconds(5)
        expected.jitter = .percent(0)
        expected.source.gitTimeout = .seconds(60)
        expected.source.access.user = "robot"
        expected.source.access.token = .secret(.file("/etc/token"))
        expected.parallel = 4
        expected.historyKeep = 50
        expected.historyDays = 7
        expected.notify = [.plain("./tell.sh")]
        #expect(result.configuration == expected)
    }

    @Test func howARepositoryIsReached() throws {
        let result = parse(
            """
            transport: git
            user: robot
            token: t
            credentials: {command: ./token.sh}
            ssh: {key: k, passphrase: {secret: {env: P}}, known_hosts: h, agent: true, jump: "a,b:22"}
            tls: {ca: c, certificate: d, key: e}
            proxy: {url: "http://p:3128", user: u, password: {secret: {file: /p}}}
            """)
        #expect(result.problems == [])
        var expected = AccessConfiguration()
        expected.transport = "git"
        expected.user = "robot"
        expected.token = .plain("t")
        expected.command = "./token.sh"
        expected.key = "k"
        expected.passphrase = .secret(.environment("P"))
        expected.knownHosts = "h"
        expected.usesAgent = true
        expected.jump = "a,b:22"
        (expected.authorities, expected.certificate, expected.certificateKey) = ("c", "d", "e")
        (expected.proxy, expected.proxyUser) = ("http://p:3128", "u")
        expected.proxyPassword = .secret(.file("/p"))
        #expect(result.configuration?.source.access == expected)
        #expect(parse("credentials: {helper: store}").configuration?.source.access.helper == "store")
    }

    @Test func ownersAreANameOrAList() {
        #expect(parse("owner: prod").configuration?.owner == ["prod"])
        #expect(parse("owner: [prod, 0a1b]").configuration?.owner == ["prod", "0a1b"])
        #expect(parse("owner: []").configuration?.owner == [])
        for wrong in ["owner: Prod", "owner: [prod, \"a b\"]", "owner: {name: prod}", "owner:"] {
            #expect(parse(wrong).problems.count == 1, "\(wrong)")
        }
    }

    @Test func severalSources() throws {
        let result = parse(
            """
            interval: 1m
            sources:
              - {name: web, repo: ../web, branch: live}
              - {name: shop, repo: ../shop, interval: 5s}
            """)
        #expect(result.problems == [])
        let configuration = try #require(result.configuration)
        #expect(configuration.source.interval == .seconds(60))
        #expect(configuration.sources.map(\.name) == ["web", "shop"])
        #expect(configuration.sources.map(\.branch) == ["live", nil])
        #expect(configuration.sources.map(\.interval) == [nil, .seconds(5)])
    }

    @Test func driversByNameOrAsMaps() throws {
        let result = parse(
            """
            drivers:
              - note
              - name: rack
                path: /opt/reconcile-driver-rack
                timeout: 5m
                env: {RACK: r12, KEY: {secret: {env: RACK_KEY}}}
            """)
        #expect(result.problems == [])
        #expect(
            result.configuration?.drivers == [
                PluginSettings(name: "note"),
                PluginSettings(
                    name: "rack", path: "/opt/reconcile-driver-rack", timeout: .seconds(300),
                    environment: ["RACK": .plain("r12"), "KEY": .secret(.environment("RACK_KEY"))]),
            ])
    }

    @Test(arguments: [
        ("[shell]", "1:11: error: the driver `shell` is built in: give the plugin another name"),
        ("[{name: health}]", "1:18: error: `health` is a key of workloads: give the plugin another name"),
        ("[a, {name: a}]", "1:21: error: the driver `a` is listed twice: keep one of them"),
        (
            "[{name: a, path: ./a}]",
            "1:27: error: `path` must be absolute, not `./a`: no plugin is run from a working folder"
        ),
        ("[{path: /a}]", "1:11: error: missing key `name`"), ("a", "1:10: error: `drivers` must be a list, not `a`"),
        (
            "[../a]",
            "1:11: error: `drivers` must be a name of lower-case letters, digits and hyphens, at most 63, not `../a`"
        ),
        (
            "[{name: a, env: {RECONCILE_RUN: x}}]",
            "1:27: error: the variable `RECONCILE_RUN` is ours: names that begin with RECONCILE_ are set for every command"
        ),
    ]) func badDrivers(text: String, expected: String) {
        let found = Configuration.parse(Array("drivers: \(text)".utf8), file: "x", builtIn: ["shell"]).problems
        #expect(found.map { $0.diagnostic } == ["x:" + expected])
    }

    @Test(arguments: ["", "# nothing\n", "---\n"])
    func nothing(_ text: String) {
        #expect(parse(text).configuration == Configuration())
    }

    @Test(arguments: [
        ("brnch: main", "1:1: error: unknown key \"brnch\": did you mean \"branch\"?"),
        ("jitter: 3", "1:9: error: `jitter` must be a percentage such as 25%, not `3`"),
        ("parallel: 0", "1:11: error: `parallel` must be a whole number from 1 to 1024, not `0`"),
        ("interval: 30", "1:11: error: `interval` must be a duration of at least 100ms, not `30`"),
        ("repo: {secret: {env: X}}", "1:7: error: `repo` must be a string, not a secret"),
        (
            "token: {secret: {file: token}}",
            "1:24: error: the file of a secret must be an absolute path on the machine that runs reconcile"
        ),
        ("sources: []", "1:10: error: `sources` is empty"),
        ("sources: [{name: a}]", "1:11: error: missing key `repo`"),
        ("sources: [{repo: a}]", "1:11: error: missing key `name`"),
        ("repo: a\nsources: [{name: a, repo: b}]", "1:1: error: `repo` stands beside `sources`"),
        ("sources: [{name: a, repo: b}, {name: a, repo: c}]", "1:38: error: another source is named `a`: rename one"),
        ("branch: a\ntag: v*", "1:9: error: `branch` and `tag` exclude each other: keep one"),
        ("sources: [{name: a, repo: b, branch: c, semver: 1.x}]", "1:38: error: `branch` and `semver` exclude"),
        ("semver: latest", "1:9: error: `semver` is no range of versions: `latest` is no version; write 1.2.3, 1.2"),
        ("a: 1\n---\nb: 2", "1:1"),
        ("[", "2:1"),
    ])
    func bad(_ text: String, _ expected: String) {
        let result = parse(text)
        #expect(result.configuration == nil)
        #expect(result.problems.contains { $0.diagnostic.hasPrefix("reconcile.yaml:" + expected) })
    }
}
