import Manifests
import Model
import Testing

@Suite struct TrafficTests {
    @Test func everyBalancerIsRead() throws {
        for block in [
            "{haproxy: {socket: 127.0.0.1:9999, backend: web, servers_file: /etc/h.cfg, server_options: check inter 1s}}",
            "{haproxy: {socket: /s, backend: web, match_backend: beta, state_file: /var/lib/h/web}, port: 8080}",
            "{nginx: {upstream: web, upstream_file: /etc/nginx/web.conf, reload: [systemctl, reload, nginx]}}",
            "{nginx: {upstream: web, upstream_file: /f, config: /c, pid: /p, test: [t], match_upstream: b}}",
            "{caddy: {id: web}, addresses: [\"127.0.0.1:81\", \"[::1]:82\"]}",
            "{caddy: {admin: \"http://127.0.0.1:2019\", id: web, match_route: beta}}", "{caddy: {admin: /s, id: web}}",
        ] {
            let result = Sample.parse(["web.yaml": Sample.workload("web", "traffic: \(block)")])
            #expect(result.problems == [])
            let environment = try #require(result.environment)
            #expect(environment.notes == [])
            #expect(environment.workloads[0].traffic?.map.isEmpty == false)
        }
    }

    @Test(arguments: [
        ("{}", "10: error: exactly one of `haproxy`, `nginx`, `caddy` is expected here"),
        ("{haproxy: {backend: web}}", "20: error: missing key `socket`"),
        (
            "{haproxy: {socket: here, backend: web}}",
            "29: error: `haproxy.socket` must be an absolute path or HOST:PORT, not `here`"
        ),
        (
            "{haproxy: {socket: /s, backend: \"a b\"}}",
            "42: error: `haproxy.backend` holds letters, digits and `_ - .` only and begins with a letter or a digit, not `a b`"
        ),
        (
            "{haproxy: {socket: /s, backend: a, servers_file: x}}",
            "59: error: `haproxy.servers_file` must be an absolute path, not `x`"
        ),
        (
            "{haproxy: {socket: /s, backend: a, server_options: \"check;quit\"}}",
            "61: error: `haproxy.server_options` holds letters, digits, spaces and `_ - . : / = ,` only"
        ),
        (
            "{haproxy: {socket: /s, backend: a, servers_file: /a, state_file: /b}}",
            "75: error: `haproxy.state_file` and `servers_file` exclude each other: keep one"
        ),
        (
            "{nginx: {upstream: a, upstream_file: /a, reload: []}}",
            "59: error: `nginx.reload` is empty: write a command, or leave it out"
        ),
        (
            "{caddy: {id: a, admin: \"https://x:1\"}}",
            "33: error: `caddy.admin` must be http://HOST:PORT or the absolute path of a socket, not `https://x:1`"
        ),
        (
            "{caddy: {id: a}, addresses: [here]}", "39: error: `traffic.addresses` must be HOST:PORT, not `here`"
        ),
        ("{caddy: {id: a, idd: b}}", "26: error: unknown key \"idd\": did you mean \"id\"?"),
    ])
    func mistakesStandAtTheirPlace(_ block: String, _ problem: String) {
        let problems = Sample.problems(Sample.workload("web", "traffic: \(block)"))
        #expect(problems == ["deploy/staging/web.yaml:5:" + problem])
    }

    @Test func whereMatchingRequestsGoMustBeSaid() {
        let steps = "rollout: {strategy: canary, steps: [{match: {cookie: {name: a, value: b}}}]}\ntraffic: "
        for (block, key) in [
            ("{haproxy: {socket: /s, backend: web}}", "haproxy.match_backend"),
            ("{nginx: {upstream: web, upstream_file: /f}}", "nginx.match_upstream"),
            ("{caddy: {id: web}}", "caddy.match_route"),
        ] {
            let problems = Sample.problems(Sample.workload("web", steps + block))
            #expect(problems.count == 1 && problems[0].contains("`match` needs `traffic.\(key)`"), "\(problems)")
        }
    }

    @Test func thereMustBeEnoughAddresses() {
        let text = Sample.workload("web", "replicas: 3\ntraffic: {caddy: {id: web}, addresses: [\"127.0.0.1:81\"]}")
        let problems = Sample.problems(text)
        #expect(problems.count == 1 && problems[0].contains("must name one for each of the 3 instances"), "\(problems)")
    }
}
