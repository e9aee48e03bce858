import Manifests
import Model
import Testing

@Suite struct BadManifestsTests {
    private static let head = "kind: Workload\nname: web\ndriver: shell\nshell: {observe: a, apply: b, remove: c}\n"

    /// What is appended to a good workload as line 5, and the one problem of it.
    @Test(arguments: [
        ("replica: 2", "5:1: error: unknown key \"replica\": did you mean \"replicas\"?"),
        ("replicas: four", "5:11: error: `replicas` must be a whole number from 0 to 10000, not `four`"),
        ("replicas: \"4\"", "5:11: error: `replicas` must be a whole number from 0 to 10000, not the string `4`"),
        ("replicas: 010", "5:11: error: `replicas` must be a whole number from 0 to 10000, not `010`"),
        ("replicas: -1", "5:11: error: `replicas` must be a whole number from 0 to 10000, not `-1`"),
        (
            "replicas: 99999999999999999999",
            "5:11: error: `replicas` must be a whole number from 0 to 10000, not `99999999999999999999`"
        ),
        ("replicas:", "5:10: error: `replicas` must be a whole number from 0 to 10000, not nothing"),
        ("replicas: [1]", "5:11: error: `replicas` must be a whole number from 0 to 10000, not a list"),
        (
            "replicas: {secret: {env: X}}",
            "5:11: error: `replicas` must be a whole number from 0 to 10000, not a secret"
        ),
        ("name: api", "5:1: error: duplicate key `name`: it stands on line 2 already"),
        ("depends_on: [web]", "5:14: error: the workload \"web\" depends on itself"),
        ("depends_on: [wep]", "5:14: error: unknown workload \"wep\": did you mean \"web\"?"),
        (
            "depends_on: [Web]",
            "5:14: error: `depends_on` must be a name of lower-case letters, digits and hyphens, at most 63, not `Web`"
        ),
        ("rollout: {strategy: roling}", "5:21: error: unknown `rollout.strategy` `roling`: did you mean \"rolling\"?"),
        (
            "rollout: {strategy: x}",
            "5:21: error: `rollout.strategy` must be one of rolling, canary, recreate, blue-green, not `x`"
        ),
        (
            "rollout: {max_parallel: 101%}",
            "5:25: error: `rollout.max_parallel` must be a count or a percentage such as 25%, not `101%`"
        ),
        ("rollout: {max_parallel: 0}", "5:25: error: `rollout.max_parallel` must be at least 1"),
        (
            "rollout: {healthy_deadline: 30}",
            "5:29: error: `rollout.healthy_deadline` must be a duration such as 30s or 1h30m, and not 0, not `30`"
        ),
        (
            "rollout: {healthy_deadline: 999999999999d}",
            "5:29: error: `rollout.healthy_deadline` must be a duration such as 30s or 1h30m, and not 0, not `999999999999d`"
        ),
        ("rollout: fast", "5:10: error: `rollout` must be a map of keys, not `fast`"),
        ("health: {}", "5:9: error: exactly one of `http`, `tcp`, `command` is expected here"),
        ("health: {tcp: 'a:1', command: b}", "5:9: error: exactly one of `http`, `tcp`, `command` is expected here"),
        (
            "health: {http: /healthz}",
            "5:16: error: `http` is only a path: give the whole address, or beside `health`'s path a `port`"
        ),
        ("health: {http: 'ftp://x'}", "5:16: error: `http` must be an http or https address, not `ftp://x`"),
        ("health: {tcp: localhost}", "5:15: error: `tcp` must be HOST:PORT, not `localhost`"),
        ("health: {tcp: 'a:1', port: 3}", "5:28: error: `port` belongs to an `http` that is only a path"),
        (
            "health: {http: /x, port: 70000}",
            "5:26: error: `health.port` must be a whole number from 1 to 65535, not `70000`"
        ),
        ("autoscaling: {min: 3, max: 2}", "5:14: error: `autoscaling.min` is more than `autoscaling.max`"),
        (
            "autoscaling: {min: 1, max: 2, metric: {command: x}}",
            "5:39: error: a `metric` needs a `target`: what the average shall be"
        ),
        (
            "autoscaling: {min: 1, max: 2, target: 5}",
            "5:39: error: `target` belongs to `metric`: without one nothing is measured"
        ),
        (
            "autoscaling: {min: 0, max: 2, metric: {command: x}, target: 5}",
            "5:20: error: `autoscaling.min` must be at least 1 with a `metric`: of none nothing can be measured"
        ),
        (
            "autoscaling: {min: 1, max: 2, metric: {command: x}, target: 0}",
            "5:61: error: `target` must be more than 0"
        ),
        (
            "autoscaling: {min: 1, max: 2, metric: {prometheus: {url: 'http://x', query: 'a{{side}}'}}, target: 1}",
            "5:77: error: `{{side}}` means nothing here: all instances are measured"
        ),
        ("autoscaling: {min: 3}", "5:14: error: missing key `max`"),
        (
            "resources: {cpu: lots}",
            "5:18: error: `resources.cpu` must be an amount of processors such as 500m or 2, and at least 1m, not `lots`"
        ),
        (
            "resources: {memory: 512m}",
            "5:21: error: `resources.memory` must be an amount of bytes such as 512Mi or 1G, and at least 64Ki (`m` would be thousandths), not `512m`"
        ),
        ("crate: {image: x}", "5:1: error: `crate` is the block of another driver: this workload's is `shell`"),
        ("<<: {a: b}", "5:1: error: merge keys (`<<`) are not supported: write the keys out"),
        ("replicas: !!int 3", "5:11: error: the tag `!!int` is not supported: write the value without it"),
        (
            "replicas: !ruby/object 3",
            "5:11: error: the tag `!ruby/object` is not supported: write the value without it"
        ),
        ("replicas: *four", "5:11: error: the alias `*four` has no anchor before it"),
        ("? {a: b}\n: c", "5:3: error: a key must be plain text, not a list, a map or an alias"),
    ])
    func oneProblem(_ line: String, _ expected: String) {
        #expect(Sample.problems(Self.head + line + "\n") == ["deploy/staging/web.yaml:" + expected])
    }

    @Test func variablesThatAreOursAreRefused() {
        let text = """
            kind: Workload
            name: web
            driver: shell
            shell:
              env: {VERSION: "1", RECONCILE_DIGEST: mine, "RECONCILE_": {secret: {env: X}}}
              observe: a
              apply: b
              remove: c
            """
        let ours = "is ours: names that begin with RECONCILE_ are set for every command"
        #expect(
            Sample.problems(text) == [
                "deploy/staging/web.yaml:5:23: error: the variable `RECONCILE_DIGEST` \(ours)",
                "deploy/staging/web.yaml:5:47: error: the variable `RECONCILE_` \(ours)",
            ])
    }

    @Test(arguments: [
        (
            "env: {A: {secret: x}}",
            "4:24: error: a secret is written {secret: {file: /absolute/path}} or {secret: {env: NAME}}"
        ),
        (
            "env: {A: {secret: {file: keys/a}}}",
            "4:40: error: the file of a secret must be an absolute path on the machine that runs reconcile"
        ),
        ("env: {A: {secret: {env: 1A}}}", "4:39: error: the variable of a secret must be a name such as WEB_TOKEN"),
        (
            "env: {A: {secret: {env: A, file: /b}}}",
            "4:24: error: a secret is written {secret: {file: /absolute/path}} or {secret: {env: NAME}}"
        ),
        ("env: {A: {b: c}}", "4:24: error: `shell.env.A` must be a string or a secret, not a map"),
        (
            "env: {'A=B': c}",
            "4:21: error: the key `A=B` may hold letters, digits and `_ . / -` only, and begins with none of `.-/`"
        ),
        ("env: {A: }", "4:24: error: `shell.env.A` must be a string or a secret, not nothing"),
        ("env: {A: \"\\0\"}", "4:24: error: `shell.env.A` holds a NUL character"),
        ("files: [../x]", "4:23: error: the path `../x` leads out of its folder by `..`"),
        (
            "files: [/etc/passwd]",
            "4:23: error: the path `/etc/passwd` is absolute: write it relative to the source's folder"
        ),
        ("files: [a/../../b]", "4:23: error: the path `a/../../b` leads out of its folder by `..`"),
        ("files: [./]", "4:23: error: the path `./` is the whole source: name files or folders in it"),
        (
            "files: [.git/config]",
            "4:23: error: the path `.git/config` has a part that is empty, `.`, `.git` or begins with `-`"
        ),
        ("files: [-rf]", "4:23: error: the path `-rf` has a part that is empty, `.`, `.git` or begins with `-`"),
        ("files: [{secret: {env: X}}]", "4:23: error: `shell.files` must be a path in the source, not a secret"),
        ("files: site", "4:22: error: `shell.files` must be a list, not `site`"),
        ("timeout: 0s", "4:24: error: `shell.timeout` must be a duration such as 30s or 1h30m, and not 0, not `0s`"),
        ("aply: x", "4:15: error: unknown key \"aply\": did you mean \"apply\"?"),
    ])
    func oneProblemInTheBlock(_ item: String, _ expected: String) {
        let text = "kind: Workload\nname: web\ndriver: shell\nshell: {observe: a, apply: b, remove: c}\n"
            .replacing("{observe: a, apply: b, remove: c}", with: "{      \(item), observe: a, apply: b, remove: c}")
        #expect(Sample.problems(text) == ["deploy/staging/web.yaml:" + expected])
    }

    @Test(arguments: [
        (
            "name: web\ndriver: shell\nshell: {observe: a, apply: b, remove: c}",
            "1:1: error: missing key `kind`: write `kind: Workload`"
        ),
        (
            "kind: Wrkload\nname: web\ndriver: shell\nshell: {observe: a, apply: b, remove: c}",
            "1:7: error: unknown `kind` `Wrkload`: did you mean \"Workload\"?"
        ),
        ("kind: Environment", "1:1: error: an environment's policy stands in its environment.yaml, and nowhere else"),
        (
            "kind: Workload\nname: web\ndriver: shel\nshel: {}",
            "3:9: error: unknown driver \"shel\": did you mean \"shell\"?"
        ),
        (
            "kind: Workload\nname: web\ndriver: nomad\nnomad: {}",
            "3:9: error: unknown driver \"nomad\": known are shell, crate; another is allowed by `drivers` in reconcile.yaml"
        ),
        ("kind: Workload\nname: web\ndriver: shell", "1:1: error: missing key `shell`"),
        (
            "kind: Workload\nname: WEB\ndriver: crate\ncrate: {image: a}",
            "2:7: error: `name` must be a name of lower-case letters, digits and hyphens, at most 63, not `WEB`"
        ),
        ("- a", "1:1: error: this document must be a map of keys, not a list"),
        ("hello", "1:1: error: this document must be a map of keys, not `hello`"),
        ("a: b: c", "1:5: error: not YAML: mapping values are not allowed in this context"),
        (
            "a:\n\tb: c",
            "2:1: error: not YAML: found character that cannot start any token while scanning for the next token of line 2; indent with spaces, not with tabs"
        ),
        (
            "a: [1, 2\nb: c",
            "2:2: error: not YAML: did not find expected ',' or ']' while parsing a flow sequence of line 1"
        ),
    ])
    func wholeDocument(_ text: String, _ expected: String) {
        let problems = Sample.problems(text)
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("deploy/staging/web.yaml:") == true)
        let wanted = expected.replacing(" while scanning for the next token of line 2", with: "")
        #expect(problems.first?.dropFirst("deploy/staging/web.yaml:".count) ?? "" == wanted)
    }

    @Test func everyProblemAtOnce() {
        let problems = Sample.parse(
            [
                "a.yaml": "kind: Workload\nname: A\ndriver: shell\nshell: {apply: 1}\nreplicas: x\ncolour: red\n",
                "b.yaml": "kind: Workload\n---\nkind: Workload\nname: b\n",
            ], policy: "kind: Environment\ninterval: 5\nprune: yes\n"
        ).problems
        #expect(
            problems.map { "\($0.file):\($0.line)" } == [
                "deploy/staging/a.yaml:2", "deploy/staging/a.yaml:4", "deploy/staging/a.yaml:4",
                "deploy/staging/a.yaml:5",
                "deploy/staging/a.yaml:6", "deploy/staging/b.yaml:1", "deploy/staging/b.yaml:1",
                "deploy/staging/b.yaml:3",
                "deploy/staging/environment.yaml:2", "deploy/staging/environment.yaml:3",
            ])
    }

    @Test func duplicateWorkloadsNameBothPlaces() {
        let problems = Sample.parse(["a.yaml": Sample.workload("web"), "b/c.yml": "\n" + Sample.workload("web")])
            .problems
        #expect(
            problems.map(\.diagnostic) == [
                "deploy/staging/b/c.yml:3:7: error: the workload \"web\" is declared twice: first at deploy/staging/a.yaml:2:7"
            ])
    }

    @Test func cycle() {
        let problems = Sample.parse([
            "a.yaml": Sample.workload("a", "depends_on: [b]"), "b.yaml": Sample.workload("b", "depends_on: [c]"),
            "c.yaml": Sample.workload("c", "depends_on: [d, a]"), "d.yaml": Sample.workload("d"),
        ]).problems
        #expect(
            problems.map(\.diagnostic) == [
                "deploy/staging/a.yaml:5:14: error: these workloads wait for each other: a -> b -> c -> a"
            ])
    }

    @Test(arguments: [
        ("", "1:1: error: the file is empty: write `kind: Environment`"),
        ("kind: Environment\n---\nkind: Environment", "3:1: error: this file holds one document only"),
        ("kind: Environment\ninterval: 10ms", "2:11: error: `interval` must be a duration of at least 1s, not `10ms`"),
        ("kind: Environment\nprune: yes", "2:8: error: `prune` must be true or false, not `yes`"),
        (
            "kind: Environment\nmax_delete: half",
            "2:13: error: `max_delete` must be a count or a percentage such as 25%, not `half`"
        ),
        (
            "kind: Environment\napprovals: {required: 1}",
            "2:1: error: unknown key \"approvals\": did you mean \"approval\"?"
        ),
        ("kind: Environment\nwindows: [{for: 1h}]", "2:11: error: exactly one of `deny`, `allow` is expected here"),
        (
            "kind: Environment\nsmoke: [{command: a}, {http: 'http://a', expect: 3}]",
            "2:50: error: `smoke.expect` must be a whole number from 100 to 599, not `3`"
        ),
        ("kind: Environment\nnotify: [./x]", "2:10: error: `notify` must be a map of keys, not `./x`"),
        (
            "kind: Environment\npipeline: [deploy-production]",
            "2:12: error: the stage `deploy-production` deploys another environment: here write deploy-full or deploy-staging"
        ),
        (
            "kind: Environment\npipeline: [rm -rf]",
            "2:12: error: unknown stage `rm -rf`: write one of build, test, deploy-full, deploy-canary (10%), monitor (5m), smoke-test, approval-gate or deploy-ENVIRONMENT"
        ),
    ])
    func policy(_ text: String, _ expected: String) {
        let problems = Sample.parse([:], policy: text).problems.map(\.diagnostic)
        #expect(problems.first == "deploy/staging/environment.yaml:" + expected)
    }
}
