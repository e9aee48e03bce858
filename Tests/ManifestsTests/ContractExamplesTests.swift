import Manifests
import Model
import Testing

@Suite struct ContractExamplesTests {
    @Test func stagingPolicy() throws {
        let result = Sample.parse(
            [:],
            policy: """
                # staging/environment.yaml
                kind: Environment
                interval: 30s
                on_failure: rollback   # rollback | pause | revert
                drift: repair          # repair | report
                prune: true
                max_delete: 50%
                deadline: 1h           # of a whole pass
                notify: [{command: ./tell.sh}]
                smoke:
                  - {http: "http://127.0.0.1:8080/", expect: 200}
                  - {tcp: "127.0.0.1:5432"}
                  - {command: "./smoke.sh"}
                """)
        #expect(result.problems == [])
        let environment = try #require(result.environment)
        var expected = Policy()
        expected.notify = [.plain("./tell.sh")]
        expected.smoke = [
            Check(.http(url: .plain("http://127.0.0.1:8080/"), expect: 200)),
            Check(.tcp(address: .plain("127.0.0.1:5432"))), Check(.command(.plain("./smoke.sh"))),
        ]
        #expect(environment.policy == expected)
        #expect(environment.notes.isEmpty && environment.restraints.isEmpty)
    }

    @Test func productionPolicyRestrains() throws {
        let result = Sample.parse(
            [:], name: "production",
            policy: """
                kind: Environment
                after: staging          # only what passed there
                soak: 30m
                gates: input-gates.yml
                approval: {required: 1, expires: 24h}
                windows: [{deny: "0 17 * * FRI", for: 63h, zone: Europe/Berlin}]
                pipeline: [deploy-canary (10%), monitor (5m), deploy-canary (50%), monitor (10m), deploy-full, smoke-test]
                """)
        #expect(result.problems == [])
        let environment = try #require(result.environment)
        #expect(environment.policy.after == ["staging"])
        #expect(environment.restraints.map(\.key) == ["soak", "gates", "approval", "windows"])
        #expect(environment.restraints.first?.reason.hasPrefix("deploy/production/environment.yaml:3: `soak`") == true)
        #expect(
            environment.policy.pipeline == [
                "deploy-canary (10%)", "monitor (5m)", "deploy-canary (50%)", "monitor (10m)", "deploy-full",
                "smoke-test",
            ])
        #expect(environment.notes.isEmpty)
        #expect(environment.policy.stages == PipelineStages(after: [.smoke([])]))
    }

    @Test(arguments: [
        "soak: 0s", "windows: []", "approval: {required: 0}", "verify: []",
    ])
    func whatAsksForNothingRestrainsNothing(_ line: String) throws {
        let environment = try #require(Sample.parse([:], policy: "kind: Environment\n\(line)\n").environment)
        #expect(environment.restraints.isEmpty)
    }

    @Test(arguments: [
        ("soak: 1s", "soak"), ("gates: g.yml", "gates"), ("approval: {}", "approval"), ("verify: signed", "verify"),
        ("windows: [{allow: '0 9 * * *', for: 1h}]", "windows"),
        ("approval: {expires: 1h}", "approval"),
    ])
    func everySafetyKeyRestrains(_ line: String, _ key: String) throws {
        let environment = try #require(Sample.parse([:], policy: "kind: Environment\n\(line)\n").environment)
        #expect(environment.restraints.map(\.key) == [key])
    }

    @Test func shellWorkload() throws {
        let result = Sample.parse([
            "site.yaml": """
            kind: Workload
            name: site
            driver: shell
            replicas: 2
            shell:
              env: {ROOT: /srv/site, VERSION: "1", KEY: {secret: {file: /run/keys/web}}}
              files: [site/]                                         # from the repository, at this revision
              observe: cat "$ROOT/$RECONCILE_INSTANCE/digest" 2>/dev/null || true
              apply: ./site/install.sh "$ROOT/$RECONCILE_INSTANCE"   # the working directory holds `files`
              remove: rm -rf "$ROOT/$RECONCILE_INSTANCE"
              health: test -s "$ROOT/$RECONCILE_INSTANCE/index.html"
              traffic: ./site/weight.sh "$RECONCILE_WEIGHT"          # optional: lets canary and blue-green work on anything
              timeout: 60s
            """
        ])
        #expect(result.problems == [])
        let environment = try #require(result.environment)
        let workload = try #require(environment.workloads.first)
        #expect(workload.replicas == 2 && workload.filePaths == ["site"] && workload.line == 2)
        #expect(workload.file == "staging/site.yaml")
        #expect(workload.block["env"]["KEY"] == .secret(.file("/run/keys/web")))
        #expect(workload.block["env"]["VERSION"] == .string("1"))
        #expect(workload.block["timeout"] == .int(60_000))
        #expect(workload.block["remove"] == .string(#"rm -rf "$ROOT/$RECONCILE_INSTANCE""#))
        #expect(environment.notes.isEmpty)
        #expect(workload.isRoutedByDriver && workload.routing == .null)
    }

    @Test func fullWorkload() throws {
        let result = Sample.parse([
            "web.yaml": """
            kind: Workload
            name: web
            driver: crate
            replicas: 4
            resources: {cpu: 500m, memory: 512Mi}
            autoscaling: {min: 2, max: 4}
            depends_on: [db]
            crate: {image: "registry.example/web:1.4.2"}
            health: {http: /healthz, port: 8080, interval: 1s, timeout: 1s}
            rollout:
              strategy: canary           # rolling (default) | canary | blue-green | recreate
              max_parallel: 1            # a count or "25%"
              order: start-first         # start-first | stop-first
              min_healthy_time: 10s
              healthy_deadline: 5m
              progress_deadline: 10m
              drain_timeout: 30s
              steps: [{weight: 10%}, {monitor: 5m}, {weight: 50%}, {monitor: 10m}]
            traffic: {haproxy: {socket: /run/haproxy/admin.sock, backend: web}}
            monitor:
              - {name: errors, prometheus: {url: "http://127.0.0.1:9090", query: "…"}, max: 0.01, interval: 10s, failures: 2}
            """, "db.yml": Sample.workload("db"),
        ])
        #expect(result.problems == [])
        let environment = try #require(result.environment)
        #expect(environment.workloads.map(\.name) == ["db", "web"])
        let web = environment.workloads[1]
        let health = Check(
            .port(8080, path: "/healthz", expect: nil), timeout: .seconds(1), interval: .seconds(1))
        #expect(health.text == "http http://127.0.0.1:8080/healthz")
        #expect(web.health == health)
        var rollout = RolloutPolicy()
        rollout.strategy = .canary
        rollout.steps = RolloutPolicy.defaultSteps
        #expect(web.rollout == rollout)
        #expect(web.autoscaling == Autoscaling(min: 2, max: 4))
        let file = "deploy/staging/web.yaml"
        #expect(environment.notes == ["\(file):5: `resources` is not acted on yet"])
        #expect(web.traffic?["haproxy"]["backend"] == .string("web"))
        #expect(
            web.monitors == [
                Monitor(
                    name: "errors",
                    probe: .prometheus(
                        PrometheusProbe(url: .plain("http://127.0.0.1:9090"), query: try QueryTemplate("…"))),
                    limits: NumberLimits(max: 0.01), interval: .seconds(10), failures: 2)
            ])
    }

    @Test func driverSaysWhatMeansNothingToIt() throws {
        let text = Sample.workload("web", "rollout: {order: stop-first}")
        let environment = try #require(Sample.parse(["web.yaml": text]).environment)
        #expect(
            environment.notes == [
                "deploy/staging/web.yaml:5: rollout.order is not acted on: the shell driver updates an instance in place."
            ])
    }

    @Test func revertIsNamed() throws {
        let environment = try #require(Sample.parse([:], policy: "kind: Environment\non_failure: revert").environment)
        #expect(environment.policy.onFailure == .revert)
        #expect(
            environment.notes == [
                "deploy/staging/environment.yaml:2: `on_failure`: rolls back, and the revert commit is not made yet"
            ])
    }
}
