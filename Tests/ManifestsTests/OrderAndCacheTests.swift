import Manifests
import Model
import Testing

@Suite struct OrderAndCacheTests {
    private func environments(_ afters: [String: String]) throws -> [Environment] {
        try afters.sorted { $0.key < $1.key }.map { name, after in
            let policy = Sample.policy + (after.isEmpty ? "" : "after: \(after)\n")
            return try #require(Sample.parse([:], name: name, policy: policy).environment)
        }
    }

    private func problems(_ afters: [String: String], known: Set<String> = []) throws -> [String: [String]] {
        EnvironmentOrder.problems(in: try environments(afters), known: known.union(afters.keys), prefix: "deploy/")
            .mapValues { $0.map(\.diagnostic) }
    }

    @Test func fine() throws {
        #expect(try problems(["a": "", "b": "a", "c": "[a, b]", "d": "broken"], known: ["broken"]) == [:])
    }

    @Test func unknown() throws {
        #expect(
            try problems(["staging": "", "production": "stagin"]) == [
                "production": [
                    "deploy/production/environment.yaml:2:8: error: unknown environment \"stagin\": did you mean \"staging\"?"
                ]
            ])
    }

    /// Two workloads behind one place of a balancer would take each other's requests.
    @Test(arguments: [
        ("{haproxy: {socket: /s, backend: web}}", "the backend web of HAProxy at /s"),
        ("{nginx: {upstream: web, upstream_file: /etc/web.conf}}", "the upstream web of nginx in /etc/web.conf"),
        ("{caddy: {id: web}}", "the handler web of Caddy at http://127.0.0.1:2019"),
    ])
    func aPlaceOfABalancerIsOneWorkloadsOwn(traffic: String, place: String) throws {
        func parse(_ environment: String, _ workloads: [String: String]) -> ManifestParser.Result {
            Sample.parse(
                workloads.reduce(into: [:]) { $0[$1.key + ".yaml"] = Sample.workload($1.key, "traffic: \($1.value)") },
                name: environment)
        }
        let other = traffic.replacing("web", with: "other")
        let twice = parse("staging", ["a": traffic, "b": traffic, "c": other]).problems.map(\.diagnostic)
        #expect(
            twice == [
                "deploy/staging/b.yaml:5:1: error: \(place) is that of the workload \"a\" already: give each workload its own"
            ])
        let environments = try ["staging", "production", "test"].map { name in
            try #require(parse(name, ["web": name == "test" ? other : traffic]).environment)
        }
        let found = EnvironmentOrder.problems(in: environments, known: [], prefix: "deploy/")
            .mapValues { $0.map(\.diagnostic) }
        #expect(
            found == [
                "staging": [
                    "deploy/staging/web.yaml:2:1: error: \(place) is filled from production, too: give each environment its own"
                ],
                "production": [
                    "deploy/production/web.yaml:2:1: error: \(place) is filled from staging, too: give each environment its own"
                ],
            ])
    }

    @Test func oneSocketByTwoNamesIsOnePlace() throws {
        func traffic(_ socket: String) -> String { "traffic: {haproxy: {socket: \(socket), backend: web}}" }
        let slashes = Sample.parse([
            "a.yaml": Sample.workload("a", traffic("/run/a.sock")),
            "b.yaml": Sample.workload("b", traffic("/run//./a.sock")),
        ]).problems.map(\.diagnostic)
        #expect(slashes.count == 1 && slashes[0].contains("is that of the workload \"a\" already"), "\(slashes)")
        let linked = try ["staging", "production"].map { name in
            try #require(
                Sample.parse(
                    [
                        "a.yaml": Sample.workload("a", traffic("/run/\(name).sock")),
                        "b.yaml": Sample.workload("b", traffic("/run/link.sock")),
                        "c.yaml": Sample.workload("c", traffic("127.0.0.1:9999")),
                    ].filter { name == "staging" || $0.key == "a.yaml" }, name: name
                ).environment)
        }
        let found = EnvironmentOrder.problems(
            in: linked, known: [], prefix: "", realPaths: ["/run/link.sock": "/run/staging.sock"]
        ).mapValues { $0.map(\.message).sorted() }
        let place = "the backend web of HAProxy at /run/"
        #expect(
            found == [
                "staging": [
                    "\(place)link.sock, which is \(place)staging.sock, is that of the workload \"a\", too: give each workload its own",
                    "\(place)staging.sock is that of the workload \"b\", too: give each workload its own",
                ]
            ])
        let across = EnvironmentOrder.problems(
            in: linked, known: [], prefix: "", realPaths: ["/run/link.sock": "/run/production.sock"])
        #expect(across["production"]?.first?.message.contains("is filled from staging, too") ?? false, "\(across)")
    }

    @Test func cycleHoldsItsMembersOnly() throws {
        let found = try problems(["a": "b", "b": "a", "c": "c", "d": "a", "e": ""])
        let text = "environment.yaml:2:8: error: these environments wait for each other:"
        #expect(
            found == [
                "a": ["deploy/a/\(text) a -> b -> a"], "b": ["deploy/b/\(text) a -> b -> a"],
                "c": ["deploy/c/\(text) c -> c"],
            ])
    }

    @Test func twins() {
        let twins = [Environment(name: "web", folder: "x/web"), Environment(name: "web", folder: "y/web")]
        let found = EnvironmentOrder.problems(in: twins, known: ["web"], prefix: "")
        #expect(
            found.mapValues { $0.map(\.diagnostic) } == [
                "x/web": [
                    "x/web/environment.yaml:1:1: error: the environment \"web\" is in y/web too: rename one folder"
                ],
                "y/web": [
                    "y/web/environment.yaml:1:1: error: the environment \"web\" is in x/web too: rename one folder"
                ],
            ])
    }

    @Test func cacheParsesOnlyWhatChanged() throws {
        let folder = EnvironmentFolder(name: "s", path: "s", tree: "")
        var entries = [Sample.entry("s/environment.yaml", Sample.policy)]
        entries += (0..<20).map { Sample.entry("s/w\($0).yaml", Sample.workload("w\($0)")) }
        var cache = ManifestCache()
        func pass() -> (read: Int, result: ManifestParser.Result) {
            let missing = Sample.parser.manifests(in: folder, entries: entries, defaults: [])
                .filter { !Sample.parser.isParsed($0, in: cache) }
            for manifest in missing {
                Sample.parser.parse(manifest, contents: Array(manifest.file.id.utf8), into: &cache)
            }
            return (missing.count, Sample.parser.environment(folder, entries: entries, defaults: [], cache: cache))
        }
        #expect(pass().read == 21)
        #expect(pass().read == 0)
        entries[5] = Sample.entry("s/w4.yaml", Sample.workload("w4", "replicas: 9"))
        let last = pass()
        #expect(last.read == 1)
        #expect(try #require(last.result.environment).workloads.first { $0.name == "w4" }?.replicas == 9)
        cache.keep(only: Set(entries.map(\.id)))
        #expect(cache.count == 21)
        #expect(pass().read == 0)
    }

    @Test func aFileThatWasNotReadIsAProblem() {
        let folder = EnvironmentFolder(name: "s", path: "s", tree: "")
        let entries = [Sample.entry("s/environment.yaml", Sample.policy)]
        let result = Sample.parser.environment(folder, entries: entries, defaults: [], cache: ManifestCache())
        #expect(result.environment == nil)
        #expect(result.problems.map(\.message) == ["the file was not read"])
    }

    @Test func theSourcesFolderItself() throws {
        let entries = [
            Sample.entry("environment.yaml", Sample.policy), Sample.entry("web.yaml", Sample.workload("web")),
            Sample.entry("deploy.yml", RootDefaultsTests.deploy),
        ]
        let contents = entries.reduce(into: [:]) { $0[$1.id] = Array($1.id.utf8) }
        let result = ManifestParser(drivers: [Sample.shell], prefix: "").environment(
            EnvironmentFolder(name: "staging", path: "", tree: ""), entries: entries, defaults: [entries[2]],
            contents: contents)
        #expect(result.problems == [])
        #expect(try #require(result.environment).policy.pipeline.count == 5)
    }
}
